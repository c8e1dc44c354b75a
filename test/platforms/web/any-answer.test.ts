/// <reference lib="dom" />

import fc from "fast-check";
import { Marked } from "marked";
import { describe, expect, test } from "vitest";

import { openChat } from "../../support/web/open-chat.ts";
import { browserIsMissing, launchBrowser } from "../../support/web/browser.ts";
import { openPage } from "../../support/web/open-page.ts";

interface SafePart {
  readonly html?: string;
  readonly code?: string;
  readonly text?: string;
}

interface Piece {
  readonly text: string;
  readonly isCode?: boolean;
}

type Parse = (piece: string) => string;

// The page's own modules: a browser has no types.
const folder = new URL("../../../src/platforms/web/page/answer/", import.meta.url).href;
const { splitMarkdown }: { readonly splitMarkdown: (markdown: string) => readonly Piece[] } = await import(
  `${folder}split-markdown.js`
);
const {
  safePart,
}: { readonly safePart: (piece: Piece, parse: Parse, budget: { leftMs: number }) => SafePart } = await import(
  `${folder}safe-part.js`
);

/** The parts of a text as the page shows them. */
function safeParts(markdown: string, parse: Parse): readonly SafePart[] {
  const budget = { leftMs: 500 };
  return splitMarkdown(markdown).map((piece) => safePart(piece, parse, budget));
}

const marked = new Marked({ gfm: true, breaks: true });
const chars = 100_000;
const repeated = (piece: string): string => piece.repeat(Math.ceil(chars / piece.length)).slice(0, chars);
const hostile = [
  "!|a!|!!a|a*|**a|a_|__a|*a **a |_a*b|a`|~~a|[a](|![a](|[](<|<a |<!--|<div>|> |>|+ |- |1. |* |>- |- [ ] |a@a.".split(
    "|",
  ),
  [
    "|a",
    "\\",
    "&#x1;",
    "http://a.",
    "[a]: <",
    "a  \n",
    "> a\n",
    "\u0300",
    "\u{1F468}\u200D",
    "語",
    "\0",
    "\u202E",
    "0123456789abcdef",
  ],
]
  .flat()
  .map((piece) => [JSON.stringify(piece), repeated(piece)] as const);
const others = [
  ["spaces between words", `a${" ".repeat(chars)}b`],
  [
    "lists inside of lists",
    Array.from({ length: 400 }, (_, level) => `${" ".repeat(2 * level)}- a`).join("\n"),
  ],
  [
    "quotations inside of quotations",
    Array.from({ length: 400 }, (_, level) => `${">".repeat(level)} a`).join("\n"),
  ],
  ["fences of every length", Array.from({ length: 440 }, (_, level) => "`".repeat(level)).join("a\n")],
  ["a fence as long as the text", `${"`".repeat(chars / 2)}\n${"`".repeat(chars / 2 - 1)}`],
] as const;
const all = [...hostile, ...others];

describe("any answer", () => {
  test.each(all)("of %s is parsed quickly, and causes no exception", (_title, text) => {
    const startedAtMs = performance.now();
    const parts = safeParts(text, (piece) => marked.parse(piece, { async: false }));
    // Unguarded, many of these take minutes, or the whole stack. The limit leaves room for a busy machine.
    expect(performance.now() - startedAtMs).toBeLessThan(5_000);
    expect(parts.length).toBeGreaterThan(0);
  });

  test("is shown completely, in order", () => {
    const piece = fc.constantFrom(
      "a ",
      "\n",
      "\n\n",
      "- b\n",
      "> c\n",
      "**d** ",
      "x".repeat(3_000),
      "y\n".repeat(2_000),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const markdown = pieces.join("");
        const shown = safeParts(markdown, (text) => text).map(({ html, text }) => html ?? text);
        expect(shown.join("")).toBe(markdown);
      }),
    );
  });

  test("of common length and form is one piece, as the parser reads it", () => {
    const text = `# Plan\n\n${"- **one** `two` [three](https://example.com)\n".repeat(60)}\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n\n> so it _is_\n\n\`\`\`js\nconst a = 2 ** 3;\n\`\`\`\n`;
    expect(safeParts(text, (piece) => piece)).toEqual([{ html: text }]);
  });

  test("with a long code block has it whole, between the text before and after it", () => {
    const code = Array.from({ length: 2_000 }, (_, line) => `line ${line}\n`).join("\n");
    const parts = safeParts(`before\n\n\`\`\`\n${code}\n\`\`\`\n\nbehind`, (piece) => piece.trim());
    expect(parts).toEqual([{ html: "before" }, { code }, { html: "behind" }]);
  });

  test("on which the parser throws is shown as plain text", () => {
    const fail = (): string => {
      throw new RangeError("Maximum call stack size exceeded");
    };
    expect(safeParts("hello", fail)).toEqual([{ text: "hello" }]);
  });
});

describe.skipIf(browserIsMissing)(`any answer in a browser ${browserIsMissing ?? ""}`, () => {
  test("is shown, even if it is only a comment or a tag", async () => {
    await using chat = await openChat();
    const browser = await launchBrowser();
    try {
      const page = await openPage(browser, chat.url);
      for (const [title, text] of all) {
        // A function would be rewritten by vitest, which knows no browser.
        const shown: { readonly letters: number; readonly hasRule: boolean } =
          await page.evaluate(`(async () => {
          const { render } = await import("/assets/answer/markdown.js");
          const node = document.createElement("div");
          node.append(render(${JSON.stringify(text.slice(0, 20_000))}));
          return { letters: node.textContent.length, hasRule: node.querySelector("hr") !== null };
        })()`);
        expect({ title, isShown: shown.letters > 0 || shown.hasRule }).toEqual({ title, isShown: true });
      }
    } finally {
      await browser.close();
    }
  });
});
