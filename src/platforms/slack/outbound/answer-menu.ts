import type { types } from "@slack/bolt";

import type { CommandDefinition } from "../../../domain/command.ts";
import { truncateTo } from "../wire/safe-text.ts";

export const menuAction = "threadkeeper_menu";
/** Slack's limits: https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element */
const maxLines = 5;
const lineChars = 75;

/**
 * Commands that need no argument, in the order of the menu. Undefined ones are left out. A select would have room for
 * more, but it keeps showing the last choice and can't be used twice for the same.
 */
const offered = ["reset", "summary", "memory", "forget this", "export"];

/** The overflow menu under an answer. Undefined without any command to offer. */
export function menuBlock(commands: readonly CommandDefinition[]): types.ActionsBlock | undefined {
  const lines = offered.filter((command) => isDefined(command, commands)).slice(0, maxLines);
  if (lines.length === 0) return undefined;
  return {
    type: "actions",
    elements: [{ type: "overflow", action_id: menuAction, options: lines.map(toOption) }],
  };
}

function isDefined(line: string, commands: readonly CommandDefinition[]): boolean {
  const [name, word] = line.split(" ", 2);
  const command = commands.find((each) => each.name === name);
  if (command === undefined) return false;
  return word === undefined || command.options.some((option) => option.word === word);
}

function toOption(command: string): types.PlainTextOption {
  const title = `${command.slice(0, 1).toUpperCase()}${command.slice(1)}`;
  return { text: { type: "plain_text", text: truncateTo(title, lineChars) }, value: command };
}
