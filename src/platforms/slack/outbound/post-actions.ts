import type { types } from "@slack/bolt";

import type { Action } from "../../../domain/action.ts";
import { valueOfAction } from "../wire/action-value.ts";
import { buttonAction, feedbackAction, menuAction } from "../wire/action-ids.ts";
import { truncateTo } from "../wire/safe-text.ts";

/** Slack's limits: https://docs.slack.dev/reference/block-kit/block-elements/overflow-menu-element */
const maxLines = 5;
/** A block holds 25 elements: https://docs.slack.dev/reference/block-kit/blocks/actions-block */
const maxButtons = 24;
/** Of a button and of a menu line: https://docs.slack.dev/reference/block-kit/block-elements/button-element */
const labelChars = 75;

/** What screen readers say instead of an emoji. */
const spokenLabels: ReadonlyMap<string, string> = new Map([
  ["thumbs-up", "Good answer"],
  ["thumbs-down", "Bad answer"],
]);

type ActionBlock = types.ActionsBlock | types.ContextActionsBlock;

/** The two actions that Slack shows as one pair of feedback buttons. */
interface ThumbPair {
  readonly up: Action;
  readonly down: Action;
}

/**
 * What people can press under a post: a block with its buttons and its menu, then one with the thumbs. Empty without any
 * action.
 */
export function actionBlocks(actions: readonly Action[] = []): readonly ActionBlock[] {
  const thumbs = thumbsIn(actions);
  if (thumbs === undefined) return rowBlocks(actions);
  const others = actions.filter((action) => action !== thumbs.up && action !== thumbs.down);
  return [...rowBlocks(others), feedbackBlock(thumbs)];
}

/** The same in one block, with thumbs as ordinary buttons. */
export function rowBlocks(actions: readonly Action[] = []): readonly types.ActionsBlock[] {
  const buttons = actions.filter(isButton).slice(0, maxButtons).map(toButton);
  const elements = [...buttons, ...menuOf(actions)];
  return elements.length === 0 ? [] : [{ type: "actions", elements }];
}

/** The buttons alone, with thumbs as ordinary ones. Empty without any. */
export function buttonBlocks(actions: readonly Action[] = []): readonly types.ActionsBlock[] {
  return rowBlocks(actions.filter(isButton));
}

/** Whether Slack shows a pair of feedback buttons for them. */
export function haveThumbs(actions: readonly Action[] = []): boolean {
  return thumbsIn(actions) !== undefined;
}

/** Undefined: not exactly one of each, so that they are ordinary buttons. */
function thumbsIn(actions: readonly Action[]): ThumbPair | undefined {
  const thumbs = actions.filter(({ style }) => style === "thumb");
  const up = thumbs.find(({ id }) => id === "thumbs-up");
  const down = thumbs.find(({ id }) => id === "thumbs-down");
  return up === undefined || down === undefined || thumbs.length > 2 ? undefined : { up, down };
}

/** https://docs.slack.dev/reference/block-kit/block-elements/feedback-buttons-element */
function feedbackBlock({ up, down }: ThumbPair): types.ContextActionsBlock {
  return {
    type: "context_actions",
    elements: [
      {
        type: "feedback_buttons",
        action_id: feedbackAction,
        positive_button: toPressable(up),
        negative_button: toPressable(down),
      },
    ],
  };
}

function isButton({ style }: Action): boolean {
  return style !== "menu";
}

function toButton(action: Action, index: number): types.Button {
  return {
    type: "button",
    // Action ids must differ within a block.
    action_id: `${buttonAction}${index}`,
    ...toPressable(action),
    ...(action.emphasis === undefined ? {} : { style: action.emphasis }),
  };
}

function toPressable(action: Action) {
  const spoken = spokenLabels.get(action.id);
  return {
    text: plainText(action.label),
    value: valueOfAction(action),
    ...(spoken === undefined ? {} : { accessibility_label: spoken }),
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
