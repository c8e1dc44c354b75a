import fc from "fast-check";
import { expect, test } from "vitest";

import { pieceAfter, withoutHalves } from "../../../src/platforms/slack/outbound/stream-piece.ts";
import { neutralizePings } from "../../../src/platforms/slack/wire/safe-text.ts";

const text = fc
  .array(fc.constantFrom("<", "&lt;", "&#60;", "&#x3c;", "!", "@", "#", "\\", "&excl;", "a", " ", "👍", "\n"))
  .map((parts) => parts.join(""));

test("a text that grows by any pieces is shown whole, and is at no time other than its safe form begins", () => {
  fc.assert(
    fc.property(text, fc.array(fc.nat(60), { maxLength: 8 }), (whole, cuts) => {
      const safe = neutralizePings(whole);
      let sent = "";
      for (const cut of cuts.toSorted((one, other) => one - other)) {
        sent += pieceAfter(sent, neutralizePings(whole.slice(0, cut)), false) ?? "";
        expect(safe.startsWith(sent)).toBe(true);
        expect(sent.isWellFormed()).toBe(true);
      }
      expect(sent + String(pieceAfter(sent, safe, true))).toBe(safe);
    }),
    { numRuns: 1_000 },
  );
});

test.each([
  ["", "Hello", "Hello"],
  ["Hello", "Hello, you", ", you"],
  ["Hello", "Hello a <", " a "],
  ["Hello", "Hello & more", " & more"],
  ["Hello", "Hello 👍".slice(0, -1), " "],
  ["Hello, you", "Hello", ""],
  ["Hello", "Goodbye", undefined],
])("after %j, the growing text %j brings %j", (sent, grown, piece) => {
  expect(pieceAfter(sent, grown, false)).toBe(piece);
});

test.each([
  ["See [the docs](https://example.c", "See"],
  ["See [the docs](https://example.com/a)", "See [the docs](https://example.com/a)"],
  ["Two\n\n| a | b |\n| --- | --- |\n| 1 |", "Two"],
  ["It is **very", "It is **very"],
  ["```js\nlet a", "```js\nlet a"],
  ["First\n\n##", "First"],
])("of %j a stream shows %j", (grown, shown) => {
  expect(withoutHalves(grown)).toBe(shown);
});

test("a whole text that is shorter than what was sent does not extend it", () => {
  expect(pieceAfter("Hello, you", "Hello", true)).toBeUndefined();
});
