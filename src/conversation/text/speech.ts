import { fileTextsIn } from "../../domain/file-texts.ts";
import type { Message } from "../../domain/message.ts";
import { oneLine } from "../../domain/one-line.ts";
import { asPlainMarkdown } from "./plain-markdown.ts";

/** Enough to see whether it was heard rightly. */
const maxQuotedChars = 300;
const mark = "> 🎤 ";
const quotations = /^(?:> 🎤 [^\n]*(?:\n+|$))+/u;

/** What is said in the recordings of a message, in their order. */
export function spokenIn(message: Pick<Message, "text" | "attachments">): readonly string[] {
  if (message.attachments.length === 0) return [];
  const texts = fileTextsIn(message);
  return message.attachments.flatMap(({ isSpeech }, index) => {
    const block = texts[index];
    return isSpeech === true && block !== undefined ? [withoutFrame(block)] : [];
  });
}

/**
 * The beginning of an answer to spoken messages: what was heard, so that people see where it was misheard. Empty: nothing was
 * spoken. Markdown in it does nothing.
 */
export function quoteHeard(asked: readonly Pick<Message, "text" | "attachments">[]): string {
  return asked
    .flatMap(spokenIn)
    .map((said) => `${mark}${shorten(said)}\n\n`)
    .join("");
}

/** An answer without the quotations of what was heard: the model would take them for its own words, and write such lines. */
export function withoutHeard(answer: string): string {
  return answer.startsWith(mark) ? answer.replace(quotations, "") : answer;
}

/** The lines around the text of a file go. */
function withoutFrame(block: string): string {
  const text = block.replace(/^\n/u, "");
  const from = text.indexOf("\n") + 1;
  return text.slice(from, Math.max(from, text.lastIndexOf("\n")));
}

/** Cut at a word, where there are words. */
function shorten(said: string): string {
  const line = oneLine(said.slice(0, maxQuotedChars * 4));
  if (line.length <= maxQuotedChars) return asPlainMarkdown(line);
  const cut = line.slice(0, maxQuotedChars);
  const lastSpace = cut.lastIndexOf(" ");
  const shown =
    lastSpace > maxQuotedChars / 2 ? cut.slice(0, lastSpace) : cut.replace(/[\uD800-\uDBFF]$/u, "");
  return `${asPlainMarkdown(shown)}…`;
}
