import { fileURLToPath } from "node:url";

import { defineConfig } from "vitest/config";

// Each test file, and each bot that one starts, is a process: what Node has compiled once, the next one takes from here.
process.env["NODE_COMPILE_CACHE"] ??= fileURLToPath(new URL("node_modules/.cache/compiled", import.meta.url));

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    reporters: ["default", "./test/support/closing-line-reporter.ts"],
    // See src/runtime/callable-thread.ts.
    execArgv: ["--wasm-wrapper-tiering-budget=1000000000"],
    // Most tests wait for servers: three at a time also where vitest would run one.
    maxWorkers: 3,
    // Tests wait for conditions; this ends what would wait for ever, also on a busy machine.
    testTimeout: 90_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    // Real servers and sockets on a busy machine: once more, and the end of the run names the tests that needed it.
    retry: 1,
    coverage: {
      // The page runs in a browser, where its tests are.
      include: ["src/**/*.ts"],
      reporter: ["text-summary", "html"],
    },
  },
});
