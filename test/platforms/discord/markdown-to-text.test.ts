import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { nonceOf } from "../../../src/platforms/discord/wire/message-body.ts";
import { toPlainText, type Names } from "../../../src/platforms/discord/text/markdown-to-text.ts";

const names: Names = {
  user: (id) => (id === "2" ? "Bob" : undefined),
  role: () => undefined,
  channel: () => undefined,
  self: "helper",
  isBot: ({ kind, id }) => kind === "user" && id === "1",
};

describe("the conversion to plain text", () => {
  test("leaves text without markup as it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const harmless = text.replaceAll("<", "(");
        expect(toPlainText(harmless, names)).toBe(harmless.trim());
      }),
    );
  });

  test("keeps no mention of the bot, wherever it stands", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("<@1>", "<@!1>", "<@2>", " ", ",", "word")), (pieces) => {
        const text = toPlainText(pieces.join(""), names);
        expect(text).not.toContain("1>");
        expect(text.match(/@Bob/gu)?.length ?? 0).toBe(pieces.filter((piece) => piece === "<@2>").length);
      }),
    );
  });

  test.each([
    ["<@1>, when is lunch?", "when is lunch?"],
    ["when is lunch, <@!1>?", "when is lunch?"],
    ["did <@1> say when? <@!1>, when?", "did @helper say when? when?"],
    ["ask <@9> in <#9>", "ask @someone in #a channel"],
    ["<t:99999999999999999:R> <t:1700000000>", "<t:99999999999999999:R> 2023-11-14T22:13:20.000Z"],
    ["a <:party:1><a:dance:2>", "a :party::dance:"],
    ["1 < 2 > 0 <@x>", "1 < 2 > 0 <@x>"],
  ])("reads %s", (content, text) => {
    expect(toPlainText(content, names)).toBe(text);
  });
});

test("a nonce fits Discord's limit, and is the same only for the same parts", () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), (turn, part) => {
      expect(nonceOf(turn, part)).toMatch(/^[\w-]{1,25}$/u);
      expect(nonceOf(turn, part)).toBe(nonceOf(turn, part));
      expect(nonceOf(turn, part)).not.toBe(nonceOf(turn, part + 1));
    }),
  );
});
