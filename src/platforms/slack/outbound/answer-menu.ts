import type { types } from "@slack/bolt";

import type { CommandDefinition } from "../../../domain/command.ts";
import { shortened } from "../wire/safe-text.ts";

export const menuAction = "threadkeeper_menu";
/** Slack's limits for an overflow menu and for the text of one line. */
const mostLines = 5;
const lineChars = 75;

/**
 * What one orders of a conversation without a word of one's own, in the order of the menu; what isn't defined is left
 * out. A select would have room for more, but it goes on showing what was chosen, and can't be used twice for the same.
 */
const offered = ["reset", "summary", "memory", "forget this", "export"];

/** The small menu under an answer. */
export function menuBlock(commands: readonly CommandDefinition[]): types.ActionsBlock | undefined {
  const lines = offered.filter((order) => isDefined(order, commands)).slice(0, mostLines);
  if (lines.length === 0) return undefined;
  return {
    type: "actions",
    elements: [{ type: "overflow", action_id: menuAction, options: lines.map(line) }],
  };
}

function isDefined(order: string, commands: readonly CommandDefinition[]): boolean {
  const [name, word] = order.split(" ", 2);
  const command = commands.find((each) => each.name === name);
  if (command === undefined) return false;
  return word === undefined || command.options.some((option) => option.word === word);
}

function line(order: string): types.PlainTextOption {
  const title = `${order.slice(0, 1).toUpperCase()}${order.slice(1)}`;
  return { text: { type: "plain_text", text: shortened(title, lineChars) }, value: order };
}
