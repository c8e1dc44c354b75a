import { describe, expect, test } from "vitest";

import { allCommands } from "../../../src/commands/all-commands.ts";
import { parseWrittenCommand } from "../../../src/conversation/command/parse-command.ts";
import { isYes } from "../../../src/conversation/planning/confirmation.ts";
import { similarCommand } from "../../../src/conversation/command/similar-command.ts";
import type { Addressing } from "../../../src/domain/inbound.ts";
import { said } from "../../support/core/inbounds.ts";

const commands = allCommands.map(({ definition }) => definition);

function orderIn(text: string, addressing: Addressing, botName?: string): string | undefined {
  const order = parseWrittenCommand(said("1", text, { addressing }), commands, botName);
  return order === undefined ? undefined : `${order.name} ${order.argument}`.trim();
}

describe("a written command", () => {
  test.each([
    ["direct", "summary", undefined],
    ["mention", "summary", undefined],
    ["mention", "/summary", "summary"],
  ] as const)(
    "by %s with a file is a question about it, unless it has a slash: %s",
    (addressing, text, order) => {
      const inbound = said("1", text, { addressing });
      const message = { ...inbound.message, attachments: [{ name: "plan.txt" }] };
      expect(parseWrittenCommand({ addressing, message }, commands)?.name).toBe(order);
    },
  );

  test.each([
    ["mention", "forget this yes", "forget this yes"],
    ["mention", "Forget this, yes!", "forget this yes"],
    ["mention", "please forget me", "forget me"],
    ["mention", "recall budget", "recall budget"],
    ["mention", "summary share", "summary share"],
    ["mention", "reset.", "reset"],
    ["mention", "/reset yes", "reset yes"],
    ["direct", "forget this yes", "forget this yes"],
    ["direct", "Forget me.", "forget me"],
    ["direct", "reset", "reset"],
    ["direct", "/reset", "reset"],
    ["direct", "!forget this yes", "forget this yes"],
    ["direct", "summary 2h", "summary 2h"],
    ["direct", "memory", "memory"],
    ["direct", "/recall the budget", "recall the budget"],
    ["direct", "@Threadkeeper forget this yes", "forget this yes"],
    ["direct", "@bot, recall the budget", "recall the budget"],
    ["reply", "/reset", "reset"],
  ] as const)("in a message by %s is recognised: %s", (addressing, text, order) => {
    expect(orderIn(text, addressing)).toBe(order);
  });

  test.each([
    ["Forget this.", "forget this"],
    ["forget this 🙏🏽", "forget this"],
    ["forget this :pray:", "forget this"],
    ["forget this :+1::skin-tone-3:", "forget this"],
    ["forget this…", "forget this"],
    ["ｆｏｒｇｅｔ　ｔｈｉｓ。", "forget this"],
    ["\u200Bforget\u200D this\uFE0F", "forget this"],
    ["forget\n\nthis", "forget this"],
    ["forget\u00A0this", "forget this"],
    ["pls forget this conversation, thanks!", "forget this"],
    ["forget this; yes", "forget this yes"],
    ["hey Threadkeeper, forget this", "forget this"],
    ["Hi @threadkeeper! Reset", "reset"],
    ["hey, forget this", "forget this"],
    ["Hello! Reset, please", "reset"],
    ["@bot - reset", "reset"],
    ["reset, Threadkeeper", "reset"],
    ["Acme Helper: reset", "reset"],
    ["export please, @Acme Helper", "export"],
    ["/tk-help", "help"],
    ["/ reset", "reset"],
    ["／reset", "reset"],
    ["Acme Helper, recall the budget", "recall the budget"],
  ])("is recognised as phones and people write it: %s", (text, order) => {
    expect(orderIn(text, "direct", "Acme Helper")).toBe(order);
    expect(orderIn(text, "mention", "Acme Helper")).toBe(order);
  });

  test("is recognised where the bot has the name of a command", () => {
    expect(orderIn("recall budget", "mention", "Recall")).toBe("recall budget");
    expect(orderIn("Recall, reset", "direct", "Recall")).toBe("reset");
    expect(orderIn("reset", "direct", "Reset")).toBe("reset");
  });

  test.each([
    "“forget this”",
    "`forget this`",
    "> forget this",
    "```\nforget this\n```",
    "~forget this~",
    "don't forget this",
    "never forget me",
    "I said: forget this",
    "hey, don't forget this",
    "hey, forget it",
    "Threadkeeper is great",
    "Threadkeepers reset",
    "can you forget this?",
    "forget this？",
    "forget this 👎",
  ])("is not recognised in a quotation, denial, question or report: %s", (text) => {
    expect(orderIn(text, "direct", "Acme Helper")).toBeUndefined();
    expect(orderIn(text, "mention", "Acme Helper")).toBeUndefined();
  });

  test.each([
    ["mention", "reset the server please"],
    ["mention", "summary of what?"],
    ["mention", "forget it"],
    ["mention", "memory is cheap these days"],
    ["mention", "help me with the rollout"],
    ["mention", "export the chart to PDF"],
    ["direct", "reset the server please"],
    ["direct", "reset?"],
    ["direct", "summary of what?"],
    ["direct", "recall the budget that we made"],
    ["direct", "forget about the budget"],
    ["direct", "I forgot"],
    ["direct", "forgot"],
    ["direct", "rest"],
    ["direct", "resent it this morning"],
    ["direct", "summarize"],
    ["direct", "expert"],
    ["direct", "x".repeat(100_000)],
    ["reply", "reset"],
    ["open", "forget this yes"],
    ["others", "/forget this yes"],
  ] as const)("is not recognised in an ordinary message by %s: %s", (addressing, text) => {
    expect(orderIn(text, addressing)).toBeUndefined();
  });

  test.each([
    ["forgett this", "forget this"],
    ["froget me", "forget me"],
    ["forget thsi", "forget this"],
    ["resett", "reset"],
    ["/forgett this yes", "forget this yes"],
    ["sumary share", "summary share"],
  ])("that is mistyped is no ordinary message, and the intended one is suggested: %s", (text, meant) => {
    for (const addressing of ["mention", "direct"] as const) {
      const order = parseWrittenCommand(said("1", text, { addressing }), commands);
      expect(order === undefined ? "" : similarCommand(order, commands)).toBe(meant);
    }
  });
});

describe("a confirmation", () => {
  test.each([
    "yes",
    "Yes!",
    "YES PLEASE",
    "yes, please.",
    "yep",
    "ok, do it",
    "sure, go ahead",
    "👍🏽",
    "Ja, bitte",
    "oui s'il vous plaît",
    "yes yes yes",
    "I'm sure",
    ":+1:",
    ":thumbsup::skin-tone-4:",
    "yes :white_check_mark:",
    "✔️",
    "👍👍",
    "“Yes”",
    "`yes`",
    "@bot yes",
    "yes @Threadkeeper",
    "Acme Helper, yes!",
    "yes, forget this conversation",
    "yes, for all of us",
    "yes, reset 🙂",
    "ОК",
  ])("is %s", (text) => expect(isYes(text, "Acme Helper")).toBe(true));

  test.each([
    "",
    "no",
    "yes but not now",
    "yes?! what would that delete",
    "yesterday",
    "ok forget it",
    "don't do it",
    "please",
    "ok thanks, what time is it",
    "yes ".repeat(1_000),
    "yes?",
    "yes？",
    "> yes",
    "~yes~",
    "~~yes~~",
    "yes 👎",
    "yes :no_entry:",
    "👎",
    ":x:",
    "Bob: yes",
  ])("is not %j", (text) => expect(isYes(text)).toBe(false));
});
