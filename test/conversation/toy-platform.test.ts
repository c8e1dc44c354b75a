import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../src/conversation/inbounds/registry.ts";
import { InProcessBroadcast } from "../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../src/engine/embedded/in-process-interruptions.ts";
import type { Platform } from "../../src/ports/platform.ts";
import { randomIds as ids } from "../../src/runtime/ids.ts";
import { openSqliteStores } from "../../src/storage/sqlite/open-sqlite-stores.ts";
import { openRealCore } from "../support/core/real-core.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";
import { specifiersIn } from "../support/import-graph.ts";
import { openThreadlessArchive } from "../support/sqlite/threadless-archive.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { ToyPlatform } from "../support/toy/toy-platform.ts";

/** The real core over real stores, with nothing but the toy for people to write on. */
async function openToy(model = new ScriptedModel()) {
  const opened = new AsyncDisposableStack();
  const { path } = opened.use(temporaryFolder());
  const log = new RecordingLog();
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  const stores = opened.use(await openSqliteStores(path, { ids, inbounds, log, listeners }));
  const archive = opened.use(await openThreadlessArchive(path, log));
  const toy = new ToyPlatform();
  const core = openRealCore({ stores, archive, platform: toy, model, contextTokens: 4_000 });
  toy.open(core.accept);
  return { toy, core, model, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

test("a platform with only the required members gets answers, long ones in several posts", async () => {
  const long = Array.from({ length: 60 }, (_, count) => `word${count}`).join(" ");
  const model = new ScriptedModel(async function* () {
    yield long;
  });
  await using bench = await openToy(model);
  await bench.toy.ask("n1", "Ada", "Tell me sixty words");
  await bench.core.settle();
  expect(bench.toy.notes.size).toBeGreaterThan(1);
  expect(bench.toy.wall.join(" ").split(/\s+/u)).toEqual(long.split(" "));
});

test("the answer is removed with the question, and a command is answered to one person alone", async () => {
  await using bench = await openToy();
  const { toy, core } = bench;
  await toy.ask("n1", "Ada", "hello");
  await core.settle();
  expect(toy.wall).toEqual(["Answer to Ada: hello"]);
  await toy.ask("n2", "Ada", "/help");
  await core.settle();
  expect(new Set(toy.whispers.map(({ person }) => person))).toEqual(new Set(["Ada"]));
  expect(toy.whispers.map(({ text }) => text).join("\n")).toContain("/summary");
  await toy.remove("n1");
  await core.settle();
  expect(toy.wall).toEqual([]);
});

type RequiredNames<Port> = {
  [Name in keyof Port]-?: object extends Pick<Port, Name> ? never : Name;
}[keyof Port];

test("the port requires fewer than eight members", () => {
  const required: Readonly<Record<RequiredNames<Platform>, true>> = {
    name: true,
    limits: true,
    whenWritable: true,
    createPost: true,
    editPost: true,
    deletePost: true,
    sendPrivately: true,
  };
  expect(Object.keys(required).length).toBeLessThan(8);
});

test("a platform needs to import only the ports and the domain", () => {
  const file = new URL("../support/toy/toy-platform.ts", import.meta.url);
  const imports = specifiersIn(file.pathname, readFileSync(file, "utf8"));
  expect(imports.length).toBeGreaterThan(0);
  expect(imports.filter((name) => !/\/src\/(?:domain|ports)\//u.test(name))).toEqual([]);
});
