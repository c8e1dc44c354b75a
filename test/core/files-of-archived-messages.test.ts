import { describe, expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../src/conversation/inbounds/registry.ts";
import { InProcessBroadcast } from "../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../src/engine/embedded/in-process-interruptions.ts";
import { ArchiveError } from "../../src/ports/archive.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { randomIds as ids } from "../../src/runtime/ids.ts";
import { openRedisStores } from "../../src/storage/redis/open-redis-stores.ts";
import { openSqliteStores } from "../../src/storage/sqlite/open-sqlite-stores.ts";
import { FakePlatform } from "../support/core/fake-platform.ts";
import { edited, said } from "../support/core/inbounds.ts";
import { isSummaryRequest } from "../support/core/looker.ts";
import { openRealBench } from "../support/core/real-bench.ts";
import { openRealCore } from "../support/core/real-core.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";
import { archivedIn, everythingIn, filesIn } from "../support/every-byte.ts";
import { postgresIsMissing } from "../support/postgres-database.ts";
import { postgresArchives } from "../support/postgres/postgres-archive.ts";
import { redisIsMissing, startRedisServer } from "../support/redis-server.ts";
import { putEmptyDatabases } from "../support/sqlite/empty-databases.ts";
import { openThreadlessArchive } from "../support/sqlite/threadless-archive.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const here = "fake:room:1";
const elsewhere = "fake:room:2";
const plan = { name: "plan.txt", ref: { platform: "fake", id: "plan" } };
const pages = { name: "pages.txt", ref: { platform: "fake", id: "pages" } };
const contents: Readonly<Record<string, string>> = {
  plan: "The code word is swordfish4711.",
  pages: "The other word is kingfisher0815.",
};

/** Looks for code words when it reads LOOK, and repeats what is found. Its summaries leave nothing out. */
function findingModel(): ScriptedModel {
  const model = new ScriptedModel(async function* (prompt) {
    const { calls = [], messages } = prompt;
    const all = messages.map(({ text }) => text).join("\n");
    if (isSummaryRequest(prompt)) yield linesOf(all);
    else yield calls.length === 0 ? "Noted." : `Found: ${calls.map(({ result }) => result).join("\n")}`;
  });
  model.calls = ({ calls = [], messages }) =>
    calls.length === 0 && messages.at(-1)?.text.includes("LOOK") === true
      ? [{ id: "c1", name: "recall", argument: JSON.stringify({ words: "code word" }) }]
      : [];
  return model;
}

/** Each cited message on a line of its own. */
function linesOf(text: string): string {
  return text
    .split(/^(?=\[\d+\] )/mu)
    .flatMap((part) => {
      const [, number, line] = /^\[(\d+)\] ([^]*)/u.exec(part) ?? [];
      return line === undefined ? [] : [`- ${line.replaceAll(/\s+/gu, " ").slice(0, 300)} [${number}]`];
    })
    .join("\n");
}

function platformWithFiles(): FakePlatform & { readonly read: readonly string[] } {
  const read: string[] = [];
  const readFile = async ({ id }: { readonly id: string }): Promise<Uint8Array<ArrayBuffer>> => {
    read.push(id);
    return new TextEncoder().encode(contents[id] ?? "Nothing of note.");
  };
  return Object.assign(new FakePlatform(), { read, readFile });
}

const ports = () => {
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  return { ids, inbounds, clock, log: new RecordingLog(), listeners };
};

const openArchive = postgresArchives();

async function openSqlite() {
  await using opening = new AsyncDisposableStack();
  const folder = opening.use(temporaryFolder());
  await putEmptyDatabases(folder.path);
  const stores = opening.use(await openSqliteStores(folder.path, ports()));
  const archive = opening.use(await openThreadlessArchive(folder.path, new RecordingLog()));
  const opened = opening.move();
  const kept = async (): Promise<string> => filesIn(folder.path);
  return { stores, archive, kept, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

async function openServers() {
  await using opening = new AsyncDisposableStack();
  const redis = opening.use(await startRedisServer("--aof-use-rdb-preamble", "no"));
  const postgres = opening.use(await openArchive());
  const stores = opening.use(await openRedisStores(redis.url, { ...ports(), waitMs: 60_000 }));
  const opened = opening.move();
  const kept = async (): Promise<string> =>
    [await everythingIn(redis), await archivedIn(postgres.url)].join("\n");
  return { stores, archive: postgres.archive, kept, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

describe.each([
  ["SQLite", openSqlite],
  ["Redis and Postgres", openServers],
] as const)("files that an edit adds to a message that only the archive still has, on %s", (name, open) => {
  const missing = name === "SQLite" ? undefined : (redisIsMissing ?? postgresIsMissing);

  test.skipIf(missing)("are read and found, and leave no byte when another edit removes them", async () => {
    await using opened = await open();
    const platform = platformWithFiles();
    const model = findingModel();
    const core = openRealCore({ ...opened, platform, model, contextTokens: 700 });
    const remembered = async () =>
      JSON.stringify((await opened.stores.memories.read(here, core.signal)).memory);
    const found = async (words: string) =>
      (await opened.archive.search({ words, platform: "fake", places: ["room"], limit: 9 }, core.signal))
        .messages;
    await core.accept(said("source", "see our plans", { by: "ada" }));
    await core.rest();
    for (let index = 0; index < 40; index += 1)
      await core.accept(said(`later${index}`, `more of it ${"and so on ".repeat(20)}`, { by: "bob" }));
    await core.rest();
    expect(await remembered()).not.toContain("see our plans");

    await core.accept({ ...edited("source", "see our plans"), attachments: [plan, pages] });
    await core.accept(edited("source", "see our two plans"));
    await core.rest();
    expect((await found("swordfish4711")).map(({ id }) => id)).toEqual(["source"]);
    expect((await found("kingfisher0815")).map(({ text }) => text)).toMatchObject([
      /^see our two plans\n\[text of the file plan.txt\]/u,
    ]);
    expect(platform.read).toEqual(["plan", "pages"]);
    expect(await remembered()).toContain("swordfish4711");
    await core.accept(said("look", "LOOK for it", { by: "bob", conversation: elsewhere }));
    await core.rest();
    expect(platform.shown.join("\n")).toContain("Found: ");
    expect(platform.shown.join("\n")).toContain("swordfish4711");

    await core.accept({ ...edited("source", "see our plan"), attachments: [pages] });
    await core.rest();
    expect((await found("kingfisher0815")).map(({ id }) => id)).toEqual(["source"]);
    expect(await found("swordfish4711")).toEqual([]);
    expect(platform.shown.join("\n")).not.toContain("swordfish4711");
    expect(`${await opened.kept()}${JSON.stringify([...core.ports.files.contents])}`).not.toContain(
      "swordfish4711",
    );
  });
});

describe("an edit that adds a file to an old message", () => {
  async function openLongAfter() {
    let isAway = false;
    const platform = platformWithFiles();
    const core = await openRealBench({
      platform,
      model: findingModel(),
      contextTokens: 400,
      archive: (real) => ({
        ...real,
        find: async (...given) => {
          if (isAway) throw new ArchiveError("away");
          return real.find(...given);
        },
      }),
    });
    await core.say("root", "hello");
    await core.take(said("source", "see our plans", { addressing: "others" }));
    await core.chat(60, { by: "bob" });
    expect(await core.holds("source")).toBe(false);
    return { core, platform, setAway: (is: boolean) => void (isAway = is) };
  }

  const adding = { ...edited("source", "see our plans"), attachments: [plan] };

  test("is followed without the file's text while the archive is away", async () => {
    const { core, platform, setAway } = await openLongAfter();
    await using _ = core;
    setAway(true);
    await core.take(adding);
    setAway(false);
    await core.rest();
    expect(platform.read).toEqual([]);
    expect((await core.archived()).find(({ id }) => id === "source")).toMatchObject({ attachments: [plan] });
  });

  test("is read once where it also makes the message a question", async () => {
    const { core, platform } = await openLongAfter();
    await using _ = core;
    const many = ["a", "b", "c", "plan"].map((id) => ({ name: id, ref: { platform: "fake", id } }));
    const { message, ...call } = said("source", "see our plans, what do they say?");
    const asked = { ...call, message: { ...message, attachments: many } };
    await core.take({ ...adding, text: message.text, attachments: many, call: asked });
    expect(core.model.prompts.at(-1)?.messages.at(-1)?.text).toContain("swordfish4711");
    expect(await core.known()).not.toContain("too-many");
    await core.rest();
    expect(platform.read).toEqual(["a", "b", "c", "plan"]);
    expect((await core.archived()).find(({ id }) => id === "source")?.text).toContain("swordfish4711");
  });

  test("by an app is not read", async () => {
    const { core, platform } = await openLongAfter();
    await using _ = core;
    await core.take({ ...adding, isByApp: true });
    await core.say("next", "and now?");
    expect(platform.read).toEqual([]);
  });
});
