import type { types } from "@slack/bolt";

import type { Action } from "../../../domain/action.ts";
import { truncateTo } from "../wire/safe-text.ts";

export const menuAction = "threadkeeper_menu";
/** Slack's limits: https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element */
const maxLines = 5;
const lineChars = 75;

/** The overflow menu under a post. Empty without any line. */
export function menuBlocks(actions: readonly Action[] = []): readonly types.ActionsBlock[] {
  const lines = actions.filter(({ style }) => style === "menu");
  const options = lines.slice(0, maxLines).map(toOption);
  if (options.length === 0) return [];
  return [{ type: "actions", elements: [{ type: "overflow", action_id: menuAction, options }] }];
}

function toOption({ label, value = "" }: Action): types.PlainTextOption {
  return { text: { type: "plain_text", text: truncateTo(label, lineChars) }, value };
}
