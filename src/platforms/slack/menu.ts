import type { types } from "@slack/bolt";

import type { CommandDefinition } from "../../domain/command.ts";
import { shortened } from "./safe-text.ts";

export const menuAction = "threadkeeper_menu";
/** Slack's limits for an overflow menu and for the text of one line. */
const mostLines = 5;
const lineChars = 75;

/** The small menu under an answer: each command, and each with the words that may follow it. */
export function menuBlock(commands: readonly CommandDefinition[]): types.ActionsBlock | undefined {
  const lines = commands.flatMap(linesOf).slice(0, mostLines);
  if (lines.length === 0) return undefined;
  return { type: "actions", elements: [{ type: "overflow", action_id: menuAction, options: lines }] };
}

function linesOf({ name, options }: CommandDefinition): readonly types.PlainTextOption[] {
  const title = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
  return [
    line(title, name),
    ...options.map(({ word, description }) => line(`${title}: ${description}`, `${name} ${word}`)),
  ];
}

function line(text: string, value: string): types.PlainTextOption {
  return { text: { type: "plain_text", text: shortened(text, lineChars) }, value };
}
