import type { types } from "@slack/bolt";

import type { Action } from "../../../domain/action.ts";
import { valueOfAction } from "../wire/action-value.ts";
import { buttonAction, menuAction } from "../wire/action-ids.ts";
import { truncateTo } from "../wire/safe-text.ts";

/** Slack's limits: https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element */
const maxLines = 5;
/** A block holds 25 elements: https://docs.slack.dev/reference/block-kit/blocks/actions-block */
const maxButtons = 24;
/** Of a button and of a menu line: https://docs.slack.dev/reference/block-kit/block-elements/button-element */
const labelChars = 75;

/** What people can press under a post, in one block: its buttons, then its menu. Empty without any action. */
export function actionBlocks(actions: readonly Action[] = []): readonly types.ActionsBlock[] {
  const elements = [...buttonsOf(actions), ...menuOf(actions)];
  return elements.length === 0 ? [] : [{ type: "actions", elements }];
}

/** The buttons alone. Empty without any. */
export function buttonBlocks(actions: readonly Action[] = []): readonly types.ActionsBlock[] {
  return actionBlocks(actions.filter(({ style }) => style === "button"));
}

function buttonsOf(actions: readonly Action[]): readonly types.Button[] {
  return actions
    .filter(({ style }) => style === "button")
    .slice(0, maxButtons)
    .map(toButton);
}

function toButton(action: Action, index: number): types.Button {
  return {
    type: "button",
    // Action ids must differ within a block.
    action_id: `${buttonAction}${index}`,
    text: plainText(action.label),
    value: valueOfAction(action),
    ...(action.emphasis === undefined ? {} : { style: action.emphasis }),
  };
}

function menuOf(actions: readonly Action[]): readonly types.Overflow[] {
  const lines = actions.filter(({ style }) => style === "menu").slice(0, maxLines);
  if (lines.length === 0) return [];
  const options = lines.map((line) => ({ text: plainText(line.label), value: valueOfAction(line) }));
  return [{ type: "overflow", action_id: menuAction, options }];
}

function plainText(label: string): types.PlainTextElement {
  return { type: "plain_text", text: truncateTo(label, labelChars) };
}
