import { globSync, readFileSync } from "node:fs";

import { expect, test } from "vitest";

test("no module that test files share begins a time limit when it is loaded", () => {
  // One process runs many files and loads such a module once: the limit would end in the middle of a later file.
  const begins = /^(?:export )?const [^(=]*= AbortSignal\.timeout/mu;
  const files = globSync("test/**/*.ts").filter((file) => !file.endsWith(".test.ts"));
  expect(files.length).toBeGreaterThan(100);
  expect(files.filter((file) => begins.test(readFileSync(file, "utf8")))).toEqual([]);
  expect("const signal = AbortSignal.timeout(600_000);").toMatch(begins);
});
