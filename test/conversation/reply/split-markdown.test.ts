import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { splitMarkdown } from "../../../src/conversation/reply/split-markdown.ts";

const limit = 120;
const visible = (text: string): string =>
  text.replaceAll(/^[ ]{0,3}(?:`{3,}|~{3,})[^\n]*$/gmu, "").replaceAll(/\s/gu, "");
const markdown = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 90 }),
      fc.constantFrom(
        "\n",
        "\n\n",
        "- one\n- two\n",
        "1. first\n",
        "# Head\n",
        "```ts\n",
        "```\n",
        "~~~\n",
        "const a = 1;\n",
      ),
      fc.lorem({ maxCount: 12 }),
    ),
    { maxLength: 30 },
  )
  .map((pieces) => pieces.join("\n"));

describe("split", () => {
  test("keeps every post within the limit, none of them empty", () => {
    fc.assert(
      fc.property(markdown, (text) => {
        for (const post of splitMarkdown(text, limit)) {
          expect(post.length).toBeLessThanOrEqual(limit);
          expect(post.trim()).not.toBe("");
        }
      }),
    );
  });

  test("loses nothing: the posts join to the original text", () => {
    fc.assert(
      fc.property(markdown, (text) => {
        expect(visible(splitMarkdown(text, limit).join("\n"))).toBe(visible(text));
      }),
    );
  });

  test("never splits a surrogate pair", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("😀", "👩‍👩‍👧", "a", "字"), minLength: 200 }), (text) => {
        for (const post of splitMarkdown(text, limit)) expect(post.isWellFormed()).toBe(true);
      }),
    );
  });

  test("leaves the earlier posts of a growing text unchanged", () => {
    fc.assert(
      fc.property(markdown, fc.nat(2_000), (text, length) => {
        const before = splitMarkdown(text.slice(0, length), limit);
        const after = splitMarkdown(text, limit);
        expect(after.slice(0, Math.max(0, before.length - 1))).toEqual(before.slice(0, -1));
      }),
    );
  });

  test("closes a code block at the end of a post and reopens it in the next", () => {
    const code = Array.from({ length: 20 }, (_, line) => `let line${line} = ${line};`).join("\n");
    const posts = splitMarkdown(`\`\`\`ts\n${code}\n\`\`\``, limit);
    expect(posts.length).toBeGreaterThan(2);
    for (const post of posts) {
      expect(post.startsWith("```ts\n")).toBe(true);
      expect(post.endsWith("\n```")).toBe(true);
    }
  });

  test("moves a code block that begins late to the next post as a whole", () => {
    const prose = "word ".repeat(18).trim();
    const [first, second] = splitMarkdown(
      `${prose}\n\n\`\`\`\nshort code here, and a little more\n\`\`\``,
      limit,
    );
    expect(first).toBe(prose);
    expect(second).toMatch(/^```\nshort code/u);
  });

  test("cuts between list items rather than within one", () => {
    const items = Array.from({ length: 8 }, (_, index) => `- item ${index} has several words in it`);
    for (const post of splitMarkdown(items.join("\n"), limit)) expect(post.startsWith("- item")).toBe(true);
  });

  test.each([
    "`",
    "~",
    "> ```\n",
    "- ```\n",
    "```\n",
    "~~~~~~~~~~~~ ",
    "> ",
    "- ",
    "  - ",
    "\n",
    "# ",
    "e\u0301",
  ])("comes to an end with posts within the limit, however often it is repeated: %j", (marker) => {
    for (const chars of [40, 120, 1_900, 8_000]) {
      for (const text of [
        marker.repeat(20_000),
        `a${marker.repeat(chars)}\nb`,
        `${marker.repeat(chars)}x\n`.repeat(5),
      ]) {
        const posts = splitMarkdown(text, chars);
        for (const post of posts) expect(post.length).toBeLessThanOrEqual(chars);
        expect(posts.length).toBeLessThanOrEqual((text.length / chars) * 4 + 2);
      }
    }
  });

  test("keeps the code of a block whose marker is too long to be repeated", () => {
    const code = Array.from({ length: 30 }, (_, line) => `line ${line}`).join("\n");
    const posts = splitMarkdown(`${"~".repeat(30)}\n${code}\n${"~".repeat(30)}\n\nThe end.`, limit);
    expect(posts.join("\n")).toContain("line 29");
    for (const post of posts.slice(1, -1)) expect(post).toMatch(/^~{11}\n/u);
    expect(posts.at(-1)).toMatch(/~{30}\n\nThe end\.$/u);
  });

  test("closes a block that ends later in the same post, where the best cut is within it", () => {
    const text = `\`\`\`\n${"a b c\n".repeat(12)}\n${"d\n".repeat(8)}\`\`\`\nand more ${"word ".repeat(20)}`;
    for (const post of splitMarkdown(text, limit)) expect(post.split("```").length % 2).toBe(1);
  });

  test("returns no post for a text without visible characters", () => {
    expect(splitMarkdown(" \n\t\n", limit)).toEqual([]);
  });
});
