import { describe, expect, test } from "vitest";

import { allCommands } from "../../src/commands/all-commands.ts";
import { writtenOrderIn } from "../../src/conversation/command-words.ts";
import { isYes } from "../../src/conversation/confirmation.ts";
import { nearestOrder } from "../../src/conversation/near-order.ts";
import type { Addressing } from "../../src/domain/inbound.ts";
import { said } from "../support/core/inbounds.ts";

const commands = allCommands.map(({ definition }) => definition);

function orderIn(text: string, addressing: Addressing): string | undefined {
  const order = writtenOrderIn(said("1", text, { addressing }), commands);
  return order === undefined ? undefined : `${order.name} ${order.argument}`.trim();
}

describe("a written order", () => {
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
  ] as const)("in a message by %s is understood: %s", (addressing, text, order) => {
    expect(orderIn(text, addressing)).toBe(order);
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
  ] as const)("is not seen in talk by %s: %s", (addressing, text) => {
    expect(orderIn(text, addressing)).toBeUndefined();
  });

  test.each([
    ["forgett this", "forget this"],
    ["froget me", "forget me"],
    ["forget thsi", "forget this"],
    ["resett", "reset"],
    ["/forgett this yes", "forget this yes"],
    ["sumary share", "summary share"],
  ])("that is mistyped is no talk either, and what was meant is known: %s", (text, meant) => {
    for (const addressing of ["mention", "direct"] as const) {
      const order = writtenOrderIn(said("1", text, { addressing }), commands);
      expect(order === undefined ? "" : nearestOrder(order, commands)).toBe(meant);
    }
  });
});

describe("a yes", () => {
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
  ])("is %s", (text) => expect(isYes(text)).toBe(true));

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
  ])("is not %j", (text) => expect(isYes(text)).toBe(false));
});
