import type { types } from "@slack/bolt";

import { escapeMarkup, fallbackText, neutralizePings } from "../wire/safe-text.ts";
import { compactMarkdown, fitMarkdown } from "./fit-markdown.ts";
import type { RefusedForms } from "./refused-forms.ts";

/** Blocks with the text for notifications; without blocks, people see the text itself. */
export interface SlackContent {
  readonly text: string;
  readonly blocks: types.KnownBlock[];
}

/** The limit of `text` in chat.update: https://docs.slack.dev/reference/methods/chat.update */
const textChars = 4_000;
/** https://docs.slack.dev/reference/block-kit/blocks/section-block */
const sectionChars = 3_000;

/** https://docs.slack.dev/reference/block-kit/blocks */
const maxBlocks = 50;

/**
 * Markdown as a Slack message that pings nobody, in at most 50 blocks together with those that follow it. `tables`: as many
 * as the workspace takes.
 */
export function renderMarkdown(
  markdown: string,
  { tables }: Pick<RefusedForms, "tables">,
  following: readonly types.KnownBlock[] = [],
): SlackContent {
  const room = { blocks: maxBlocks - Math.max(1, following.length), tables };
  return inBlock(markdown, fitMarkdown(markdown, room), following);
}

/** The same without tables, headings and rules. */
export function renderCompact(markdown: string, following: readonly types.KnownBlock[] = []): SlackContent {
  return inBlock(markdown, compactMarkdown(markdown), following);
}

function inBlock(markdown: string, text: string, following: readonly types.KnownBlock[]): SlackContent {
  return {
    text: fallbackText(markdown),
    blocks: [{ type: "markdown", text: neutralizePings(text) }, ...following],
  };
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
