import { spawnSync } from "node:child_process";

import { expect, test } from "vitest";

function bench(...args: readonly string[]): {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["bench/compare/main.ts", ...args], {
    encoding: "utf8",
  });
  return { status, out: stdout, err: stderr };
}

test("--help tells what the bench can do", () => {
  const { status, out } = bench("--help");
  expect(status).toBe(0);
  expect(out).toMatch(/start, long, window/u);
});

test.each([
  ["a scenario that there is not", ["nothing"], "nothing is unknown; there are start, long"],
  ["a size that is no number", ["--k", "many"], "--k: many is no whole number"],
  ["an option that there is not", ["idle", "--speed", "9"], "--speed"],
  ["a contestant that there is not", ["idle", "--only", "nobody"], "nobody is unknown"],
])("%s is told in a line, without a stack trace", (_what, args, line) => {
  const { status, err } = bench(...args);
  expect(status).toBe(2);
  expect(err).toContain(line);
  expect(err).toContain("npm run bench -- SCENARIO");
  expect(err).not.toMatch(/^\s+at /mu);
});
