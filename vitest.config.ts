import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    reporters: ["default", "./test/support/closing-line-reporter.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: {
      // The page runs in a browser, where its tests are.
      include: ["src/**/*.ts"],
      reporter: ["text-summary", "html"],
    },
  },
});
