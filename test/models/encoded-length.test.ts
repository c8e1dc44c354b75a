import fc from "fast-check";
import vocabulary from "gpt-tokenizer/bpeRanks/o200k_base";
import { countTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";

import { encodedLength, isOneToken } from "../../src/models/encoded-length.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200, size: "max" }),
  fc.string({ unit: "binary-ascii", maxLength: 200, size: "max" }),
  fc.string({ unit: "grapheme", maxLength: 200, size: "max" }),
  // Any units, among them lone halves of surrogate pairs.
  fc
    .array(fc.integer({ min: 0, max: 0xff_ff }), { maxLength: 200, size: "max" })
    .map((units) => String.fromCharCode(...units)),
  fc.lorem({ maxCount: 40, size: "max" }),
);

const expected = (text: string): number => countTokens(text, { disallowedSpecial: new Set() });
// The other encoder loses a byte order mark inside of a longer piece.
const mark = "\uFEFF";
const words = vocabulary.flatMap((each) => (typeof each === "string" && !each.includes(mark) ? [each] : []));

describe("the length of an encoded text", () => {
  test("is that of another encoder for any text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        fc.pre(!text.includes(mark));
        expect(encodedLength(text)).toBe(expected(text));
      }),
      { numRuns: 500 },
    );
  });

  test("is that of another encoder for every token of the vocabulary, alone and in the middle of a text", () => {
    expect(words.length).toBeGreaterThan(190_000);
    const differing = words.filter((word) => encodedLength(word) !== expected(word));
    expect(differing).toEqual([]);
    const joined = Array.from({ length: words.length / 50 }, (_, at) =>
      words.slice(at * 50, at * 50 + 50).join(""),
    );
    expect(joined.filter((text) => encodedLength(text) !== expected(text))).toEqual([]);
  });

  test("is right for a word that is longer than any token", () => {
    for (const text of ["a".repeat(5_000), "漢".repeat(700), " ".repeat(3_000), "=".repeat(3_000)])
      expect(encodedLength(text)).toBe(expected(text));
  });

  test("knows the characters that are one token", () => {
    const known = new Set(words.filter(({ length }) => length === 1).map((word) => word.charCodeAt(0)));
    const units = Array.from({ length: 0x1_00_00 }, (_, unit) => unit);
    // The byte order mark.
    expect(units.filter((unit) => isOneToken(unit) !== known.has(unit))).toEqual([0xfe_ff]);
  });
});
