import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { finishMarkdown } from "../../src/domain/markdown/finish-markdown.ts";
import { markdownSamples } from "../support/texts/markdown-samples.ts";
import { hasOpenCode, seenWords } from "../support/texts/seen-markdown.ts";

const closing = /^(?:[*_~`]+|\n?(?:> | )*(?:`{3,}|~{3,}))?$/u;

function isBeginningOf(shown: string, text: string): boolean {
  let same = 0;
  while (same < shown.length && shown.charAt(same) === text.charAt(same)) same += 1;
  return closing.test(shown.slice(same));
}

function beginnings(text: string): readonly { readonly written: string; readonly shown: string }[] {
  return Array.from({ length: text.length + 1 }, (_, length) => {
    const written = text.slice(0, length);
    return { written: written.slice(-60), shown: finishMarkdown(written) };
  });
}

describe("of a text that grows by characters", () => {
  test.each(markdownSamples)("nothing broken is shown: $name", ({ text, isAmbiguous }) => {
    const whole = seenWords(text);
    const broken = beginnings(text).filter(({ shown }) => {
      // What a reader saw stays: later words come behind it.
      const isKept = isAmbiguous === true || whole.startsWith(seenWords(shown));
      return !isKept || !isBeginningOf(shown, text) || hasOpenCode(shown) || !shown.isWellFormed();
    });
    expect(broken).toEqual([]);
  });

  test.each(markdownSamples)("all of it is shown once more follows: $name", ({ text, isAmbiguous }) => {
    if (isAmbiguous === true || hasOpenCode(text)) return;
    expect(seenWords(finishMarkdown(`${text}\n\nMore`))).toBe(`${seenWords(text)}More`);
  });
});

const pieces = [
  "a,b c, ,\n,\n\n,*,**,_,~~,`,``,```,```\n,~~~,> ,- ,  ,1. ,| a | b |\n,|---|---|\n,|,[,](,),![,<,<!channel>,&lt;".split(
    ",",
  ),
  [
    "x](https://a.example)",
    "# ",
    "---",
    "===",
    "\\",
    "👩‍👩‍👧",
    "🇩🇪",
    "א",
    "e\u0301",
    "\t",
    "[ ] ",
    "https://a.example/b",
  ],
].flat();
const piece = fc.constantFrom(...pieces);

test("a text of any pieces has no open code, and is shown as it begins", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (chosen) => {
      const text = chosen.join("");
      const shown = finishMarkdown(text);
      expect(hasOpenCode(shown)).toBe(false);
      expect(isBeginningOf(shown, text)).toBe(true);
    }),
    { numRuns: 5_000 },
  );
});

test.each([
  ["a lone character stays", "Hi", "Hi"],
  ["emphasis is closed", "It is **very _impor", "It is **very _impor_**"],
  ["code is closed", "Use `npm i", "Use `npm i`"],
  ["half a link is left out", "See [the docs](https://a.exam", "See"],
  ["half an address is left out", "See https://a.exam", "See"],
  ["a header without its table is left out", "So:\n\n| a | b |\n|--", "So:\n\n"],
  ["half a row is left out", "| a |\n|---|\n| 1 |\n| 2", "| a |\n|---|\n| 1 |\n"],
  ["an item without words is left out", "- a\n- ", "- a"],
  ["a fence is closed", "```ts\nlet a", "```ts\nlet a\n```"],
  ["a fence in a quote in a list is closed", "- > ```\n  > a", "- > ```\n  > a\n  > ```"],
  [
    "a fence after an HTML block that ended a list is closed",
    "* a\n<!x>b\n  ```\na",
    "* a\n<!x>b\n  ```\na\n```",
  ],
  ["a fence in an HTML block is text", "<div>\n```\n\nb", "<div>\n```\n\nb"],
  ["a fence after an HTML comment is closed", "<!--\n```\n-->\n```\na", "<!--\n```\n-->\n```\na\n```"],
  ["a fence after an empty item is no part of it", "-\n\n  ```\na", "-\n\n  ```\na\n```"],
  ["a fence ends with its item", "- ```\n  | a | b |\na", "- ```\n  | a | b |\na"],
  ["an indented line under a quote is no fence", "> -\n     ~~~a", "> -\n     ~~~a"],
  ["a tab after a quote's mark is indentation", "   >\t```\n> a", "   >\t```\n> a\n> ```"],
  ["a tab that an item takes a part of is indentation", "- a\n\n\t  ```\n\tb", "- a\n\n\t  ```\n\tb"],
  ["an empty code block is left out", "So:\n\n```ts\n", "So:\n\n"],
  ["long open code is shown as it is", `\`${"word ".repeat(100)}`, `\`${"word ".repeat(100)}`],
])("%s", (_, text, shown) => {
  expect(finishMarkdown(text).trimEnd()).toBe(shown.trimEnd());
  expect(hasOpenCode(shown)).toBe(false);
});
