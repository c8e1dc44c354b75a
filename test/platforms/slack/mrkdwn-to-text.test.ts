import fc from "fast-check";
import { describe, expect, test } from "vitest";

import {
  mentionsIn,
  toPlainText,
  removeBotMention,
} from "../../../src/platforms/slack/text/mrkdwn-to-text.ts";
import {
  escapeMarkup,
  fallbackText,
  truncateTo,
  neutralizePings,
} from "../../../src/platforms/slack/wire/safe-text.ts";

const nameOf = (id: string): string | undefined => ({ U1: "Ada", W2: "Bob" })[id];

describe("converting mrkdwn to plain text", () => {
  test.each([
    ["a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"],
    ["&amp;lt; stays", "&lt; stays"],
    ["hi <@U1> and <@W2|bob>", "hi @Ada and @Bob"],
    ["hi <@U9|carol>, <@U8>", "hi @carol, @someone"],
    ["see <#C1|general> or <#C2>", "see #general or #some-channel"],
    ["<!here> <!channel> <!everyone>", "@here @channel @everyone"],
    ["<!subteam^S1|@crew> <!subteam^S2>", "@crew @group"],
    ["at <!date^1392734382^{date}|Feb 18, 2014>", "at Feb 18, 2014"],
    ["<https://a.example/?x=1&amp;y=2>", "https://a.example/?x=1&y=2"],
    ["<https://a.example|the &lt;site&gt;>", "[the <site>](https://a.example)"],
    ["<http://a.example|a.example> <mailto:x@a.example|x@a.example>", "a.example x@a.example"],
    ["&lt;|endoftext|&gt;", "<|endoftext|>"],
    ["a < b > c <", "a  b  c <"],
    ["日本語 👩‍👩‍👧 ‮rtl", "日本語 👩‍👩‍👧 ‮rtl"],
  ])("%s", (wire, plain) => {
    // Slack always escapes <, so unescaped brackets are read as a link.
    expect(toPlainText(wire, nameOf)).toBe(plain);
  });

  test("keeps any text that a person types", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (typed) => {
        expect(toPlainText(escapeMarkup(typed), nameOf)).toBe(typed);
      }),
    );
  });

  test("converts a text of only brackets in linear time", () => {
    const startedAtMs = performance.now();
    toPlainText("<".repeat(1_000_000), nameOf);
    toPlainText("<@".repeat(500_000), nameOf);
    removeBotMention(" <@".repeat(300_000), "UBOT");
    mentionsIn("<@U|".repeat(250_000));
    neutralizePings("<".repeat(1_000_000));
    expect(performance.now() - startedAtMs).toBeLessThan(2_000);
  });
});

test.each([
  ["<@UBOT> reset", "reset"],
  [" <@UBOT>, what now?", "what now?"],
  ["<@UBOT|bot>: what now?", "what now?"],
  ["what now, <@UBOT>?", "what now?"],
  ["ask <@UBOT> and <@U1>", "ask @helper and <@U1>"],
  ["did `<@UBOT>` answer you? <@UBOT> did!", "did `@helper` answer you? did!"],
  ["hey <@UBOT>, please <@UBOT> forget this", "hey, please forget this"],
  ["ok, <@UBOT>, go\n<@UBOT> and this\nthanks <@UBOT>!", "ok, go\nand this\nthanks!"],
  ["<@UBOT2> is somebody else", "<@UBOT2> is somebody else"],
  ["<@UBOT>", ""],
])("only mentions that call the bot are removed from %s", (wire, rest) => {
  expect(removeBotMention(wire, "UBOT", "helper")).toBe(rest);
});

describe("text from a model pings no one", () => {
  const pinging = fc
    .array(
      fc.constantFrom(
        "<",
        "&lt;",
        "&LT;",
        "&#60;",
        "&#x3C;",
        "!",
        "@",
        "#",
        "channel>",
        "`",
        "\\",
        "&#33;",
        "a ",
      ),
    )
    .map((parts) => parts.join(""));

  test("in any spelling that a Markdown renderer would decode", () => {
    fc.assert(
      fc.property(pinging, (text) => {
        const decodedText = neutralizePings(text)
          .replaceAll(/&lt;?|&#60;|&#x3c;/giu, "<")
          .replaceAll("&#33;", "!")
          .replaceAll(/\\(?=[!@#])/gu, "");
        expect(decodedText).not.toMatch(/<[!@#]/u);
      }),
    );
  });

  test("and keeps every visible character", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(neutralizePings(text).replaceAll("\u200B", "")).toBe(text.replaceAll("\u200B", ""));
      }),
    );
  });

  test("and code with ampersands and generics is unchanged", () => {
    const code = "fn f(v: Vec<&str>) -> Option<T> { a < b && c }";
    expect(neutralizePings(code)).toBe(code);
  });

  test("also in the notification text, which stays within its limit", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("<!here>", "&", "👩‍👩‍👧", "x".repeat(500), "<"), { maxLength: 600 }),
        (parts) => {
          const text = fallbackText(parts.join(""));
          expect(text.length).toBeLessThanOrEqual(3_000);
          expect(text).not.toMatch(/<|&(?!(?:amp|lt|gt);)/u);
          expect(text.isWellFormed()).toBe(true);
        },
      ),
    );
  });
});

test("truncation never splits a character", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 50 }),
      fc.integer({ min: 2, max: 40 }),
      (text, chars) => {
        const short = truncateTo(text, chars);
        expect(short.length).toBeLessThanOrEqual(chars);
        expect(short.isWellFormed()).toBe(true);
      },
    ),
  );
});
