import { execFile } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, test } from "vitest";

import { temporaryFolder } from "../support/temporary-folder.ts";

const root = join(import.meta.dirname, "../..");
const run = promisify(execFile);

/** One line of the table, and one where the setting is used. */
const changes = [
  [
    "src/domain/turn-settings.ts",
    "\n  limits: spendingLimits,",
    '\n  closing: oneOf("CLOSING", ["none", "cheers", "bye"], "none"),\n  limits: spendingLimits,',
  ],
  [
    "src/conversation/turn/answer-turn.ts",
    "ports.log.info({ turn: start.turn.id,",
    "ports.log.info({ closing: ports.closing, turn: start.turn.id,",
  ],
] as const;

/** The new setting from the environment, checked, and in one place another value than elsewhere. */
const script = `
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

test("a setting needs only a line of the table and the file that uses it", async () => {
  using folder = temporaryFolder();
  for (const part of ["src", "test/support", "package.json"])
    cpSync(join(root, part), join(folder.path, part), { recursive: true });
  const compiling = readFileSync(join(root, "tsconfig.json"), "utf8");
  writeFileSync(
    join(folder.path, "tsconfig.json"),
    compiling.replace(/"include": .*/u, '"include": ["src", "test/support"],'),
  );
  symlinkSync(join(root, "node_modules"), join(folder.path, "node_modules"));
  for (const [path, from, to] of changes) {
    const before = readFileSync(join(folder.path, path), "utf8");
    expect(before).toContain(from);
    writeFileSync(join(folder.path, path), before.replace(from, to));
  }
  writeFileSync(join(folder.path, "run.ts"), script);

  const compiler = join(root, "node_modules/typescript/bin/tsc");
  // Several threads check twice what they share, which takes twice the CPU.
  await run(process.execPath, [compiler, "--noEmit", "--singleThreaded"], { cwd: folder.path }).catch(
    (error: unknown) => {
      throw new Error(`The compiler wants more than two files: ${JSON.stringify(error)}`);
    },
  );
  const { stdout } = await run(process.execPath, ["run.ts"], { cwd: folder.path });
  expect(JSON.parse(stdout)).toEqual({
    set: "bye",
    isVersioned: true,
    faults: ['CLOSING: "later" is not one of none, cheers, bye'],
    closings: ["cheers", "none"],
  });
});
