import type { types } from "@slack/bolt";

import { escapeMarkup, truncateTo } from "../wire/safe-text.ts";

/** Plain characters stay as they are: nothing becomes a link or a mention by itself. */
export function mrkdwn(text: string): types.MrkdwnElement {
  return { type: "mrkdwn", text, verbatim: true };
}

export function plain(text: string): types.PlainTextElement {
  return { type: "plain_text", text };
}

/** A text of a person as the label of a link: without line breaks, formatting and mentions. */
export function labelOf(text: string, maxChars: number): string {
  const line = text
    .replaceAll(/\s+/gu, " ")
    .replaceAll(/[*~`|]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "")
    .trim();
  return escapeMarkup(truncateTo(line, maxChars));
}

/** A time as each reader's own clock shows it. https://docs.slack.dev/messaging/formatting-message-text#date-formatting */
export function dateToken(atMs: number, form: string, fallback: string): string {
  return `<!date^${Math.floor(atMs / 1_000)}^${form}|${fallback}>`;
}
