import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { mentionsIn, toPlainText, withoutMention } from "../../../src/platforms/slack/text/mrkdwn-to-text.ts";
import {
  escapeMarkup,
  fallbackText,
  shortened,
  withoutPings,
} from "../../../src/platforms/slack/wire/safe-text.ts";

const nameOf = (id: string): string | undefined => ({ U1: "Ada", W2: "Bob" })[id];

describe("Slack's wire form becomes what people see", () => {
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
    // An unescaped < is not Slack's; what stands in such brackets is read as a link.
    expect(toPlainText(wire, nameOf)).toBe(plain);
  });

  test("whatever a person types survives its way through Slack", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (typed) => {
        expect(toPlainText(escapeMarkup(typed), nameOf)).toBe(typed);
      }),
    );
  });

  test("a text that is nothing but brackets takes no time", () => {
    const startedAtMs = performance.now();
    toPlainText("<".repeat(1_000_000), nameOf);
    toPlainText("<@".repeat(500_000), nameOf);
    withoutMention(" <@".repeat(300_000), "UBOT");
    mentionsIn("<@U|".repeat(250_000));
    withoutPings("<".repeat(1_000_000));
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
])("only the bot's own mention is taken out of %s, where it calls", (wire, rest) => {
  expect(withoutMention(wire, "UBOT", "helper")).toBe(rest);
});

describe("what a model writes can't ping", () => {
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

  test("in no spelling that a reader of Markdown would decode", () => {
    fc.assert(
      fc.property(pinging, (text) => {
        const decoded = withoutPings(text)
          .replaceAll(/&lt;?|&#60;|&#x3c;/giu, "<")
          .replaceAll("&#33;", "!")
          .replaceAll(/\\(?=[!@#])/gu, "");
        expect(decoded).not.toMatch(/<[!@#]/u);
      }),
    );
  });

  test("and loses no visible character", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(withoutPings(text).replaceAll("\u200B", "")).toBe(text.replaceAll("\u200B", ""));
      }),
    );
  });

  test("and code with ampersands and generics stays as it is", () => {
    const code = "fn f(v: Vec<&str>) -> Option<T> { a < b && c }";
    expect(withoutPings(code)).toBe(code);
  });

  test("nor in the text for notifications, which never grows beyond its limit", () => {
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

test("a shortened text is never half a character", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 50 }),
      fc.integer({ min: 2, max: 40 }),
      (text, chars) => {
        const short = shortened(text, chars);
        expect(short.length).toBeLessThanOrEqual(chars);
        expect(short.isWellFormed()).toBe(true);
      },
    ),
  );
});
