import fc from "fast-check";
import { countTokens as exactTokens } from "gpt-tokenizer/encoding/o200k_base";
import { describe, expect, test } from "vitest";

import { countTokens } from "../../src/models/count-tokens.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 3_000, size: "max" }),
  fc.string({ unit: "grapheme", maxLength: 3_000, size: "max" }),
  // Lone halves of surrogate pairs.
  fc
    .array(fc.integer({ min: 0xd000, max: 0xe000 }), { maxLength: 1_500, size: "max" })
    .map((units) => String.fromCharCode(...units)),
  fc.lorem({ maxCount: 600, size: "max" }),
);

describe("counting tokens", () => {
  test("accepts any text, and never finds more than a token for each byte, with the margin", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const tokens = countTokens(text);
        expect(tokens).toBeGreaterThanOrEqual(text === "" ? 0 : 1);
        expect(tokens).toBeLessThanOrEqual(Math.ceil(Buffer.byteLength(text) * 1.1));
      }),
      { numRuns: 100 },
    );
  });

  test("never gives less than the encoder's own count", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(countTokens(text)).toBeGreaterThanOrEqual(exactTokens(text, { disallowedSpecial: new Set() }));
      }),
      { numRuns: 100 },
    );
  });

  test("gives a tenth more for prose, and little more for other text", () => {
    const prose = "The launch moved to Friday, because the tests of the payment page were still red. ".repeat(
      200,
    );
    expect(countTokens(prose)).toBeGreaterThanOrEqual(exactTokens(prose) * 1.1);
    expect(countTokens(prose)).toBeLessThan(exactTokens(prose) * 1.15);
  });

  test("gives more for more text, except for a word that is being completed", () => {
    fc.assert(
      fc.property(anyText, anyText, (text, more) => {
        expect(countTokens(text + more) + 10).toBeGreaterThanOrEqual(0.9 * countTokens(text));
      }),
      { numRuns: 100 },
    );
  });

  test("treats the provider's protocol tokens as a person's text", () => {
    expect(countTokens("<|endoftext|>")).toBeGreaterThan(3);
    expect(countTokens("<|im_start|>system")).toBeGreaterThan(3);
  });

  test.each([
    ["one letter", "a"],
    ["letters without a space", "qwzxkvjabq"],
    ["Chinese without a stop", "汉字測試無標點連續文本"],
    ["emoji", "🧵🪡🧶"],
    ["spaces", " "],
    ["signs", "-_=+*/\\|"],
    ["zalgo", "e\u0301\u0302\u0303"],
  ])("takes time in proportion to the length: 100,000 characters of %s", (_, unit) => {
    const text = unit.repeat(Math.ceil(100_000 / unit.length));
    const startedAtMs = performance.now();
    countTokens(text);
    // The encoder alone takes minutes for some of these; the bound leaves room for a busy machine.
    expect(performance.now() - startedAtMs).toBeLessThan(30_000);
  });
});

test.each([
  // As the provider counts them: tiles of 512 pixels, or squares of 32 pixels times a factor.
  ["small", 100, 80, 255],
  ["of one tile", 512, 512, 256],
  ["of a phone", 1_170, 2_532, 1_536 * 1.62],
  ["large", 4_000, 3_000, 2_500 * 1.62],
  ["huge", 30_000, 30_000, 2_500 * 1.62],
])("an image that is %s counts at least what it costs, and not twice as much", (_, width, height, costs) => {
  const tokens = countTokens([
    { kind: "image", name: "a.png", mediaType: "image/png", width, height, bytes: new Uint8Array() },
  ]);
  expect(tokens).toBeGreaterThanOrEqual(costs);
  expect(tokens).toBeLessThan(2 * costs);
});
