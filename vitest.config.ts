import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

// Each test file, and each bot that one starts, is a process: what Node has compiled once, the next one takes from here.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL("node_modules/.cache/compiled", import.meta.url));

const core = ["chaos", "conversation", "engine", "storage", "whole-bot"].map(
  (folder) => `test/${folder}/**/*.test.ts`,
);

export default defineConfig({
  test: {
    reporters: ["default", "./test/support/closing-line-reporter.ts"],
    // See src/runtime/threads/callable-thread.ts.
    execArgv: ["--wasm-wrapper-tiering-budget=1000000000"],
    // Most tests wait for servers: four at a time also where vitest would run one.
    maxWorkers: 4,
    // A process runs one file after another, and loads the program once: a third less work. Files leave nothing behind.
    isolate: false,
    unstubEnvs: true,
    // Tests wait for conditions; this ends what would wait for ever, also on a busy machine.
    testTimeout: 90_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    projects: [
      // What must not happen even once, a message lost, doubled or not forgotten, is tested here: no second try.
      { extends: true, test: { name: "core", include: core } },
      // Other programs' clients and servers, on a busy machine: the end of the run names the tests that needed a second try.
      { extends: true, test: { name: "edges", include: ["test/**/*.test.ts"], exclude: core, retry: 1 } },
    ],
    coverage: {
      // The page runs in a browser, where its tests are.
      include: ["src/**/*.ts"],
      reporter: ["text-summary", "html"],
    },
  },
});
