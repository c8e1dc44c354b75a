import { execFile } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, test } from "vitest";

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
const script = `
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

test("a kind of inbound needs only its own file and a line of the registry", async () => {
  using folder = temporaryFolder();
  for (const part of ["src", "test/support", "package.json"])
    cpSync(join(root, part), join(folder.path, part), { recursive: true });
  const settings = readFileSync(join(root, "tsconfig.json"), "utf8");
  writeFileSync(
    join(folder.path, "tsconfig.json"),
    settings.replace(/"include": .*/u, '"include": ["src"],'),
  );
  symlinkSync(join(root, "node_modules"), join(folder.path, "node_modules"));
  const inbounds = join(folder.path, "src/conversation/inbounds");
  writeFileSync(join(inbounds, "noted.ts"), kind);
  const registry = join(inbounds, "registry.ts");
  const before = readFileSync(registry, "utf8");
  const after = before
    .replace("\nimport", '\nimport { noted } from "./noted.ts";\nimport')
    .replace("\n};", "\n  noted,\n};");
  writeFileSync(registry, after);
  writeFileSync(join(folder.path, "run.ts"), script);

  expect(after.split("\n")).toHaveLength(before.split("\n").length + 2);
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  await run(process.execPath, [compiler, "--noEmit"], { cwd: folder.path }).catch((error: unknown) => {
    throw new Error(`The compiler wants more than two files: ${JSON.stringify(error)}`);
  });
  const { stdout } = await run(process.execPath, ["run.ts", join(folder.path, "data")], {
    cwd: folder.path,
  });
  expect(JSON.parse(stdout)).toMatchObject({
    waiting: [{ inbound: { kind: "noted", note: "noted well", about: "m1" } }],
    row: { may_quote: '["m1"]' },
    messages: ["noted well"],
  });
});
