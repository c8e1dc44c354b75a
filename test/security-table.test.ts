import { existsSync, readFileSync } from "node:fs";

import { expect, test } from "vitest";

const root = new URL("../", import.meta.url);
const rows = readFileSync(new URL("SECURITY.md", root), "utf8")
  .split("\n")
  .filter((line) => /^\| (?!threat|---)/u.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()));

test("each threat of SECURITY.md has its line, and names a test that exists", () => {
  expect(rows.length).toBeGreaterThanOrEqual(23);
  for (const [, , defence, tested = ""] of rows) {
    expect(defence).not.toBe("");
    const [, file = "", title = ""] = /^`(?<file>[^`]+)`: (?<title>.+)$/u.exec(tested) ?? [];
    expect(existsSync(new URL(`test/${file}`, root))).toBe(true);
    expect(readFileSync(new URL(`test/${file}`, root), "utf8")).toContain(title);
  }
});
