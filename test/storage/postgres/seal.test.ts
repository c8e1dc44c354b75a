import { randomBytes } from "node:crypto";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { searchWords, matchWords } from "../../../src/domain/search-words.ts";
import { seal, unseal } from "../../../src/storage/postgres/sealing/seal.ts";
import { WordHashes } from "../../../src/storage/postgres/archive/word-hashes.ts";

const key = randomBytes(32);

describe("what is sealed", () => {
  test("is unsealed by its own key only, intact, and never looks the same twice", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 3_000, size: "max" }), (text) => {
        const sealed = seal(key, text);
        expect(unseal(key, sealed)).toBe(text);
        expect(seal(key, text).equals(sealed)).toBe(false);
        expect(() => unseal(randomBytes(32), sealed)).toThrow(/authenticate/u);
        sealed.writeUInt8(sealed.readUInt8(sealed.length - 1) ^ 1, sealed.length - 1);
        expect(() => unseal(key, sealed)).toThrow(/authenticate/u);
      }),
      { numRuns: 60 },
    );
  });

  test("never has the same nonce", () => {
    const nonces = Array.from({ length: 1_000 }, () => seal(key, "").toString("hex", 0, 12));
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  test("is compressed if it is long", () => {
    expect(seal(key, "word ".repeat(1_000)).length).toBeLessThan(500);
  });
});

describe("hashed words", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc.stringMatching(/^[a-c ]{0,40}$/u),
    fc.stringMatching(/^[東京都金曜日a 0-9]{0,20}$/u),
    fc.stringMatching(/^[a-b]{8,20}( [a-b]{1,20})?$/u),
  );

  test("miss no text with a word, and rarely match another text", async () => {
    const words = new WordHashes(key);
    let [missed, others] = [0, 0];
    await fc.assert(
      fc.asyncProperty(anyText, anyText, async (text, sought) => {
        const hashes = new Set(await words.of(text));
        for (const word of searchWords(sought)) {
          const [isHeld, isFound] = [matchWords(text, [word]).words === 1, hashes.has(words.term(word))];
          if (isHeld && !isFound) missed += 1;
          if (isFound && !isHeld && Array.from(word).length <= 12) others += 1;
        }
      }),
      { numRuns: 2_000 },
    );
    expect(missed).toBe(0);
    expect(others).toBeLessThan(3);
  });

  test("differ with another key", async () => {
    const [one, other] = [new WordHashes(key), new WordHashes(randomBytes(32))];
    const text = "the harbour opens at seven";
    expect(new Set(await one.of(text)).intersection(new Set(await other.of(text))).size).toBeLessThan(2);
    expect(one.term("harbour")).not.toBe(other.term("harbour"));
  });

  test("are limited in number for a text of any length", async () => {
    const text = Array.from({ length: 30_000 }, (_, index) => `${index}${"ж".repeat(12)}`).join(" ");
    expect(await new WordHashes(key).of(text)).toHaveLength(200_000);
  });
});
