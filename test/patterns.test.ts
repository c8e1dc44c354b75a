import { globSync, readFileSync } from "node:fs";

import { analyse } from "scslre";
import { describe, expect, test } from "vitest";

import { patternsIn } from "./support/texts/patterns-in.ts";

/** Reported, and linear all the same. Each with the reason. */
const justified: Readonly<Record<string, readonly string[]>> = {};

const patterns = globSync("src/**/*.{ts,js}").flatMap((file) => patternsIn(file, readFileSync(file, "utf8")));

function reportsOf(source: string, flags: string): readonly string[] {
  return analyse(new RegExp(source, flags)).reports.map(({ type }) => type);
}

describe("each regular expression takes linear time at most", () => {
  test("in the whole source", () => {
    expect(patterns.length).toBeGreaterThan(100);
    const slow = patterns.filter(
      ({ file, source, flags }) =>
        justified[source]?.includes(file) !== true && reportsOf(source, flags).length > 0,
    );
    expect(slow.map(({ file, source, flags }) => `${file}: /${source}/${flags}`)).toEqual([]);
  });

  test.each([
    ["white space before an end that does not come", "\\s*$"],
    ["a word before a character that does not come", "[\\p{L}\\p{N}._%+-]+@[\\p{L}\\p{N}-]+"],
    ["white space before a bracket that does not come", "\\s*\\[\\d+\\]"],
    ["a look ahead from everywhere", "(?=[\\p{L}\\p{N}._-]*\\d)[\\p{L}#]"],
    ["nested repetition", "(?:a+)+b"],
  ])("which would be found: %s", (_, source) => {
    expect(reportsOf(source, "u")).not.toEqual([]);
  });
});
