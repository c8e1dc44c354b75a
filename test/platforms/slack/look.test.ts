import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { splitMarkdown } from "../../../src/conversation/reply/split-markdown.ts";
import { shownText } from "../../../src/domain/shown-text.ts";
import {
  renderCompact,
  renderMarkdown,
  renderPlainText,
  type SlackContent,
} from "../../../src/platforms/slack/outbound/render-content.ts";
import { messageText } from "../../../src/platforms/slack/text/message-text.ts";
import { faultIn } from "../../support/slack/slack-limits.ts";
import { markdownOf } from "../../support/slack/slack-messages.ts";
import { markdownSamples } from "../../support/texts/markdown-samples.ts";
import { hasOpenCode } from "../../support/texts/seen-markdown.ts";

const usual = { tables: Infinity };
const limits = { refusedBlocks: [], unknownBlocks: [], takesOneTable: false };
const facts = { botUserId: "UBOT", nameOf: () => undefined };
const pings = /(?:<|&lt;?|&#0*60;?|&#x0*3c;?)[!@#]/iu;

/** What is left of a text without marks: every letter, number and emoji, in order. */
const letters = (text: string): string => text.replaceAll(/[\s#*`|~:=\-—\u200B\\_>]/gu, "");

function table(rows: number, columns: number, cell = "x"): string {
  const row = (text: string): string => `| ${Array.from({ length: columns }, () => text).join(" | ")} |`;
  return [row("c"), row("---"), ...Array.from({ length: rows - 1 }, (_, at) => row(`${cell}${at}`))].join(
    "\n",
  );
}

function faultOf(content: SlackContent, more = {}): string | undefined {
  return faultIn("chat.update", content, { ...limits, ...more })?.code;
}

describe("at each length of an answer that grows", () => {
  test.each(markdownSamples)("its post is accepted, pings nobody and has no open code: $name", ({ text }) => {
    const wrong = Array.from({ length: text.length + 1 }, (_, length) =>
      shownText({ text: text.slice(0, length) || "…", state: "writing" }),
    ).filter((shown) =>
      [renderMarkdown(shown, usual), renderCompact(shown), renderPlainText(shown)].some(
        (content) =>
          faultOf(content) !== undefined ||
          pings.test(JSON.stringify(content)) ||
          hasOpenCode(markdownOf(content)),
      ),
    );
    expect(wrong).toEqual([]);
  });
});

const sample = fc.constantFrom(...markdownSamples.map(({ text }) => text), "Words. ".repeat(200));

describe("the posts of a complete answer", () => {
  test("hold every letter of it in order, whatever their form, and are read back so", () => {
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 12 }), (parts) => {
        const posts = splitMarkdown(parts.join("\n\n"), 8_000);
        for (const render of [(text: string) => renderMarkdown(text, usual), renderCompact])
          for (const post of posts) {
            const content = render(post);
            expect(letters(markdownOf(content))).toBe(letters(post));
            expect(faultOf(content)).toBeUndefined();
            // Mentions and entities are read as people see them.
            if (/[<&]/u.test(post)) continue;
            const read = messageText({ ...content, channel: "C1" }, facts);
            expect(letters(read)).toBe(letters(post));
          }
      }),
      { numRuns: 40 },
    );
  });

  test("are read back once, though their text for notifications ends within a word", () => {
    const text = `${"Interesting sentences ".repeat(300)}end.`;
    const content = renderMarkdown(text, usual);
    expect(content.text).toMatch(/[a-z]…$/u);
    expect(messageText({ ...content, channel: "C1" }, facts)).toBe(text);
  });

  test("are read back whole, though they say one thing again and again", () => {
    const text = "Words. ".repeat(600).trim();
    expect(messageText({ ...renderMarkdown(text, usual), channel: "C1" }, facts)).toBe(text);
  });

  test.each(markdownSamples)("show what Slack can show as the model wrote it: $name", ({ text, name }) => {
    const shown = markdownOf(renderMarkdown(text, usual)).replaceAll("\u200B", "");
    const changes = /wide table|long table|long heading/u.test(name);
    expect(shown === text).toBe(!changes);
  });
});

describe("what Slack would refuse gets another form:", () => {
  test.each([
    ["a table with too many rows", table(101, 2), "```\n| c   | c   |\n| --- | --- |\n| x0  | x0  |"],
    ["a table with too many columns", table(2, 21), "```\n| c "],
    ["a table with too much text", table(40, 2, "word ".repeat(28)), "```\n| c "],
    ["a table with backticks", table(101, 1, "` ``` `"), "````\n| c "],
    ["a table in a quote", table(101, 1).replaceAll(/^/gmu, "> "), "> ```\n> | c "],
    ["a table in a list", `- ${table(101, 1).replaceAll("\n", "\n  ")}`, "- ```\n  | c "],
    ["a long heading", `# ${"word ".repeat(40).trim()}\nText`, `**${"word ".repeat(40).trim()}**\n\nText`],
  ])("%s", (_, text, beginning) => {
    const content = renderMarkdown(`Look:\n\n${text}\n\nEnd`, usual);
    expect(markdownOf(content)).toContain(`Look:\n\n${beginning}`);
    expect(markdownOf(content).endsWith("\n\nEnd")).toBe(true);
    expect(faultOf(content)).toBeUndefined();
    expect(faultOf({ ...content, blocks: [{ type: "markdown", text }] })).toBe("invalid_blocks");
  });

  test("the table after which there is too much text", () => {
    const one = table(30, 2, "a longer word ".repeat(4));
    const content = renderMarkdown([one, one, one].join("\n\n"), usual);
    expect(markdownOf(content).startsWith("| c | c |")).toBe(true);
    expect(markdownOf(content).match(/```/gu)).toHaveLength(2);
    expect(faultOf(content)).toBeUndefined();
  });

  test("more headings, tables and rules than a message may have", () => {
    const many = Array.from({ length: 26 }, (_, at) => `## Part ${at} ##\n\nText\n\n---`).join("\n\n");
    const content = renderMarkdown(many, usual);
    expect(markdownOf(content)).toContain("**Part 7**\n\nText\n\n———");
    expect(faultOf(content)).toBeUndefined();
    // As many as fit, with a block of buttons.
    const fitting = Array.from({ length: 24 }, (_, at) => `## ${at}\n\nText`).join("\n\n");
    expect(markdownOf(renderMarkdown(fitting, usual))).toBe(fitting);
  });

  test("so many headings that their marks take too much room", () => {
    const many = Array.from({ length: 2_000 }, (_, at) => `# ${at % 10}`).join("\n");
    const content = renderCompact(many);
    expect(markdownOf(content).startsWith("0\n1\n2\n")).toBe(true);
    expect(faultOf(content)).toBeUndefined();
    const fewer = Array.from({ length: 800 }, (_, at) => `# ${at % 10}`).join("\n");
    expect(markdownOf(renderCompact(fewer)).startsWith("**0**\n\n**1**\n")).toBe(true);
  });

  test("a second table, where a message may have one", () => {
    const content = renderMarkdown(`${table(2, 2)}\n\nand\n\n${table(2, 2)}`, { tables: 1 });
    expect(faultOf(content, { takesOneTable: true })).toBeUndefined();
    expect(markdownOf(content)).toContain("and\n\n```\n| c   | c   |\n| --- | --- |\n| x0  | x0  |\n```");
  });

  test("columns stand under each other, also of wide letters and to the right", () => {
    const text = table(101, 2).replace("| c | c |\n| --- | --- |", "| 名前 | n |\n|:--|--:|");
    const [, header, , row] = markdownOf(renderMarkdown(text, usual)).split("\n");
    expect([header, row]).toEqual(["| 名前 |   n |", "| x0   |  x0 |"]);
  });
});
