import type { types } from "@slack/bolt";

import { escapeMarkup, fallbackText, withoutPings } from "../wire/safe-text.ts";
import { isBlocksRefusal } from "../api/slack-errors.ts";

/** What a message shows: blocks, and the text for notifications; without blocks, the text itself. */
export interface SlackContent {
  readonly text: string;
  readonly blocks: types.KnownBlock[];
}

/** What chat.update takes as text, https://docs.slack.dev/reference/methods/chat.update. */
const textChars = 4_000;
/** https://docs.slack.dev/reference/block-kit/blocks/section-block */
const sectionChars = 3_000;

/** Text that no reader can be pinged by, as Markdown and for notifications. */
export function contentOf(markdown: string): SlackContent {
  return { text: fallbackText(markdown), blocks: [{ type: "markdown", text: withoutPings(markdown) }] };
}

/** The same without any form, as the model wrote it: as text, or where that is too long, in the simplest blocks there are. */
export function plainContentOf(markdown: string): SlackContent {
  const safe = withoutPings(markdown);
  const text = escapeMarkup(safe);
  if (text.length <= textChars) return { text, blocks: [] };
  const blocks = pieces(safe).map((piece) => ({
    type: "section" as const,
    text: { type: "plain_text" as const, text: piece, emoji: false },
  }));
  return { text: fallbackText(markdown), blocks };
}

/** Sends a text; where Slack refuses its form, once more as plain text. Slack's own limits for blocks are not all documented. */
export async function inFormThatIsTaken<T>(
  markdown: string,
  send: (content: SlackContent) => Promise<T>,
): Promise<T> {
  try {
    return await send(contentOf(markdown));
  } catch (error) {
    if (!isBlocksRefusal(error)) throw error;
    return send(plainContentOf(markdown));
  }
}

/** Cut behind a line where one ends in the last half of a piece; never within a character. */
function pieces(text: string): readonly string[] {
  const cut: string[] = [];
  for (let from = 0; from < text.length; from += cut.at(-1)?.length ?? 1) {
    const piece = text.slice(from, from + sectionChars);
    const line = piece.lastIndexOf("\n") + 1;
    const isLast = from + piece.length === text.length;
    if (isLast) cut.push(piece);
    else cut.push(line > sectionChars / 2 ? piece.slice(0, line) : piece.replace(/[\uD800-\uDBFF]$/u, ""));
  }
  return cut.filter((piece) => piece.trim() !== "");
}
