import { globSync, readFileSync } from "node:fs";

import { analyse } from "scslre";
import { describe, expect, test } from "vitest";

import { needlesIn, type Needle } from "./support/texts/needles-in.ts";
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

/** What times, numbers, ids and hashes are made of: each of them contains such a piece now and then. */
const arisesByChance = /^[\da-f\s.:-]*$/iu;

/** Sought in fixed texts, where nothing arises by chance. Each with the reason. */
const fixed: Readonly<Record<string, string>> = {
  "12": "test/runtime/addresses/postgres-address.test.ts",
  "100": "test/runtime/addresses/redis-address.test.ts",
};

describe("no test expects something to be absent that can arise by chance", () => {
  const chancy = ({ file, text }: Needle): boolean => arisesByChance.test(text) && fixed[text] !== file;

  test("in all tests", () => {
    const all = globSync("test/**/*.ts").flatMap((file) => needlesIn(file, readFileSync(file, "utf8")));
    expect(all.length).toBeGreaterThan(300);
    expect(all.filter(chancy)).toEqual([]);
  });

  test.each([
    ["digits", `expect(known).not.toContain("4711")`],
    ["digits of a constant", `const code = "4711"; expect(known).not.toContain(code)`],
    ["digits that are polled for", `expect.poll(() => known(), patiently).not.toContain("4711")`],
    ["letters of a hash", `expect(known.includes("Ada")).toBe(false)`],
    ["digits in a pattern", "expect(known).not.toMatch(/swordfish|4711/u)"],
    ["one of a list", `expect(["grace", "ada"].filter((each) => known.includes(each))).toEqual([])`],
  ])("which would be found: %s", (_, code) => {
    expect(needlesIn("sample.ts", code).filter(chancy)).toHaveLength(1);
  });

  test.each([
    ["a word", `expect(known).not.toContain("swordfish-4711")`],
    ["a whole word", "expect(known).not.toMatch(/\\bada\\b/u)"],
    ["an element of a list", `expect(all.map(({ id }) => id)).not.toContain("c")`],
    ["what must be there", `expect(known).toContain("4711")`],
  ])("which would not be found: %s", (_, code) => {
    expect(needlesIn("sample.ts", code).filter(chancy)).toEqual([]);
  });
});
