import type { types } from "@slack/bolt";

import { escapeMarkup, fallbackText, neutralizePings } from "../wire/safe-text.ts";
import { isFormRefusal } from "../api/slack-errors.ts";

/** Blocks with the text for notifications; without blocks, people see the text itself. */
export interface SlackContent {
  readonly text: string;
  readonly blocks: types.KnownBlock[];
}

/** The limit of `text` in chat.update: https://docs.slack.dev/reference/methods/chat.update */
const textChars = 4_000;
/** https://docs.slack.dev/reference/block-kit/blocks/section-block */
const sectionChars = 3_000;

/** Markdown as a Slack message that pings nobody. */
export function renderMarkdown(markdown: string): SlackContent {
  return { text: fallbackText(markdown), blocks: [{ type: "markdown", text: neutralizePings(markdown) }] };
}

/**
 * The Markdown source as plain text; if it is too long for that, or if blocks follow it, in plain_text sections. Pings
 * nobody.
 */
export function renderPlainText(markdown: string, following: readonly types.KnownBlock[] = []): SlackContent {
  const safe = neutralizePings(markdown);
  const text = escapeMarkup(safe);
  if (text.length <= textChars && following.length === 0) return { text, blocks: [] };
  const blocks = splitIntoSections(safe).map((piece) => ({
    type: "section" as const,
    text: { type: "plain_text" as const, text: piece, emoji: false },
  }));
  return { text: fallbackText(markdown), blocks: [...blocks, ...following] };
}

/** Sends a text, and again as plain text if Slack rejects its blocks: not all limits of blocks are documented. */
export async function sendWithPlainFallback<T>(
  markdown: string,
  send: (content: SlackContent) => Promise<T>,
): Promise<T> {
  try {
    return await send(renderMarkdown(markdown));
  } catch (error) {
    if (!isFormRefusal(error)) throw error;
    return send(renderPlainText(markdown));
  }
}

/** Cuts after the last line break in the second half of a section, if there is one; never within a character. */
function splitIntoSections(text: string): readonly string[] {
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
