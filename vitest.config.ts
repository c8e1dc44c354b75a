import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

// Each test file, and each bot that one starts, is a process: what Node has compiled once, the next one takes from here.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL("node_modules/.cache/compiled", import.meta.url));

const inFolders = (...folders: readonly string[]): readonly string[] =>
  folders.map((folder) => `test/${folder}/**/*.test.ts`);

const browser = inFolders("browser");
/** The whole program, and the whole core over real stores, through bad days and long histories. */
const system = [
  ...inFolders("chaos", "core", "whole-bot"),
  "test/{terminal,tour,bench/scenarios,bench/whole-bench}.test.ts",
];
/** One suite for each port, run by every implementation on its real server. */
const contract = inFolders("engine", "storage");
/** Adapters against local servers that speak the real wire protocols, with the real clients. */
const adapters = inFolders("models/openai", "platforms", "runtime/http");

const countsCoverage = process.argv.includes("--coverage");
/** Compares times that differ too much with counters in each branch. `npm run check` runs it by itself. */
const withoutCounters = ["test/core/linear-time.test.ts"];

const project = (name: string, include: readonly string[], more: object = {}) => ({
  extends: true as const,
  test: { name, include: [...include], ...more },
});

export default defineConfig({
  test: {
    reporters: ["default", "./test/support/closing-line-reporter.ts"],
    // See src/runtime/v8-flags.ts.
    execArgv: ["--wasm-wrapper-tiering-budget=1000000000"],
    // Most tests wait for servers: four at a time also where vitest would run one.
    maxWorkers: 4,
    // A process runs one file after another, and loads the program once: a third less work. Files leave nothing behind.
    isolate: false,
    // What Vite made of a file for one project serves the others.
    fsModuleCache: true,
    unstubEnvs: true,
    // See test/support/machine-speed.ts.
    env: { COUNTS_COVERAGE: countsCoverage ? "yes" : "no" },
    // Tests wait for conditions; this ends what would wait for ever. A busy machine may be many times as slow as usual.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 60_000 } },
    // What must not happen even once, a message lost, doubled or not forgotten, is tested without a second try. Other
    // programs' clients on a busy machine get one; the end of the run names the tests that needed it.
    projects: [
      project("unit", ["test/**/*.test.ts"], {
        exclude: [...browser, ...system, ...contract, ...adapters],
      }),
      project("contract", contract),
      project("adapters", adapters, { retry: 1 }),
      project("system", system, countsCoverage ? { exclude: withoutCounters } : {}),
      project("browser", browser, { retry: 1 }),
    ],
    coverage: {
      // The page runs in a browser, where its tests are.
      include: ["src/**/*.ts"],
      reporter: ["text-summary", "html"],
      // A percent or two below what all tests cover. Raise them when the cover has grown; never lower them for a change.
      thresholds: { statements: 93, branches: 87, functions: 93, lines: 94 },
    },
  },
});
