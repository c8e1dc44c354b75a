import { execFile } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { afterAll, beforeAll, expect, test } from "vitest";

import { temporaryFolder } from "../support/temporary-folder.ts";

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);

const kind = `
import type { InboundBase } from "../../domain/inbound.ts";
import { appendReply } from "../memory/append.ts";
import type { InboundKind } from "./inbound-kind.ts";

/** A toy: something was noted. */
export interface Noted extends InboundBase {
  readonly kind: "noted";
  readonly note: string;
  readonly about?: string;
}

declare module "../../domain/inbound.ts" {
  interface InboundKinds {
    readonly noted: Noted;
  }
}

export const noted: InboundKind<Noted> = {
  fields: { note: "text", about: "text?" },
  origin: "outside",
  opens: () => true,
  concernsArchived: true,
  expectsAnswer: false,
  mayQuote: ({ about }) => (about === undefined ? [] : [about]),
  mayRemove: () => false,
  changeMemory: (changing, { note: text }, countTokens) => {
    const notice = { id: "n1", role: "notice", text, answers: [], saidAtMs: 1, posts: [], sources: [] } as const;
    return { ...changing, memory: appendReply(changing.memory, notice, countTokens) };
  },
};
`;

/** Stores a toy, then accepts another, and tells what the store keeps and what is remembered. Both remember the same. */
const kindScript = `
import { openCoreBench } from "./test/support/core/core-bench.ts";

const conversation = "fake:room:1";
await using bench = await openCoreBench({ dataDir: process.argv[2] });
const base = { conversation, dedupeId: "1", platform: "fake", place: "room" };
await bench.store({ ...base, kind: "noted", note: "noted well", about: "m1" }, AbortSignal.timeout(600_000));
const waiting = await bench.inbox.waiting(conversation);
const row = bench.database.prepare("SELECT may_quote FROM inbox").get();
await bench.accept({ ...base, kind: "noted", note: "noted well", about: "m1", dedupeId: "2" });
await bench.whenIdle();
const { memory } = await bench.memories.read(conversation);
process.stdout.write(JSON.stringify({ waiting, row, messages: memory.messages.map(({ text }) => text) }) + "\\n");
`;

/** One line of the table, and one where the setting is used. */
const changes = [
  [
    "src/domain/turn-settings.ts",
    "\n  limits: spendingLimits,",
    '\n  closing: oneOf("CLOSING", ["none", "cheers", "bye"], "none"),\n  limits: spendingLimits,',
  ],
  [
    "src/conversation/turn/produce-answer.ts",
    "ports.log.info({ turn: start.turn.id,",
    "ports.log.info({ closing: ports.closing, turn: start.turn.id,",
  ],
] as const;

/** The new setting from the environment, checked, and in one place another value than elsewhere. */
const settingScript = `
import { readConfig } from "./src/config/config.ts";
import { environmentSettings } from "./src/config/environment-settings.ts";
import { createDemoModel } from "./src/models/demo/demo-model.ts";
import { openRealBench } from "./test/support/core/real-bench.ts";

const model = createDemoModel();
const at = (environment) =>
  environmentSettings(readConfig(environment).perPlace, { named: () => model }).forTurn({ platform: "fake", place: "room" });
const [unset, set, again] = [{}, { CLOSING: "bye" }, { CLOSING: "bye" }].map((each) => at(each).settingsVersion);
const isVersioned = unset !== set && set === again;
let faults = [];
try {
  readConfig({ CLOSING: "later" });
} catch (error) {
  faults = error.faults;
}
await using bench = await openRealBench({ changed: ({ place }) => (place === "lab" ? { closing: "cheers" } : {}) });
const say = (place) => bench.say("in " + place, "Hello?", { place, conversation: "fake:" + place + ":1" });
await say("lab");
await say("hall");
const closings = bench.log.lines.flatMap(({ facts: { closing } }) => closing ?? []);
process.stdout.write(JSON.stringify({ set: at({ CLOSING: "bye" }).closing, isVersioned, faults, closings }) + "\\n");
`;

/** A copy of the program with both additions, compiled once: the compiler takes longer than all that the tests do. */
const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

beforeAll(async () => {
  for (const part of ["src", "test/support", "package.json"])
    cpSync(join(root, part), join(folder.path, part), { recursive: true });
  const compiling = readFileSync(join(root, "tsconfig.json"), "utf8");
  writeFileSync(
    join(folder.path, "tsconfig.json"),
    compiling
      .replace(/"include": .*/u, '"include": ["src", "test/support"],')
      // Tests have a sample of each kind there, also of a new one.
      .replace(/"exclude": \[/u, '"exclude": ["test/support/core/every-inbound.ts", '),
  );
  symlinkSync(join(root, "node_modules"), join(folder.path, "node_modules"));
  addKind();
  addSetting();
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  // Several threads check twice what they share, which takes twice the CPU.
  await run(process.execPath, [compiler, "--noEmit", "--singleThreaded"], { cwd: folder.path }).catch(
    (error: unknown) => {
      throw new Error(`The compiler wants more than two files for each: ${JSON.stringify(error)}`);
    },
  );
});

function addKind(): void {
  const inbounds = join(folder.path, "src/conversation/inbounds");
  writeFileSync(join(inbounds, "noted.ts"), kind);
  const registry = join(inbounds, "registry.ts");
  const before = readFileSync(registry, "utf8");
  const after = before
    .replace("\nimport", '\nimport { noted } from "./noted.ts";\nimport')
    .replace("\n};", "\n  noted,\n};");
  expect(after.split("\n")).toHaveLength(before.split("\n").length + 2);
  writeFileSync(registry, after);
}

function addSetting(): void {
  for (const [path, from, to] of changes) {
    const before = readFileSync(join(folder.path, path), "utf8");
    expect(before).toContain(from);
    writeFileSync(join(folder.path, path), before.replace(from, to));
  }
}

async function printedBy(script: string, ...order: readonly string[]): Promise<unknown> {
  writeFileSync(join(folder.path, "run.ts"), script);
  const { stdout } = await run(process.execPath, ["run.ts", ...order], { cwd: folder.path });
  return JSON.parse(stdout);
}

test("a kind of inbound needs only its own file and a line of the registry", async () => {
  expect(await printedBy(kindScript, join(folder.path, "data"))).toMatchObject({
    waiting: [{ inbound: { kind: "noted", note: "noted well", about: "m1" } }],
    row: { may_quote: '["m1"]' },
    messages: ["noted well"],
  });
});

test("a setting needs only a line of the table and the file that uses it", async () => {
  expect(await printedBy(settingScript)).toEqual({
    set: "bye",
    isVersioned: true,
    faults: ['CLOSING: "later" is not one of none, cheers, bye'],
    closings: ["cheers", "none"],
  });
});
