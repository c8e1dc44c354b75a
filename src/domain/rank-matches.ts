import type { ArchivedMessage } from "./archive.ts";
import { matchWords, type WordMatch } from "./search-words.ts";

/** Matched within a few milliseconds; then the event loop runs other work. */
const charsPerSlice = 50_000;
/** The fixed cost of a message, in characters. */
const charsPerMessage = 50;

/**
 * The messages that have all of the words, best match first, then newest. When none has, and there are three or more
 * words: the messages that have more than half of them. Empty for no words. Time grows with the length of the texts; the
 * work is sliced, so that the event loop stays free.
 */
export async function rankMatches<Message extends Pick<ArchivedMessage, "text" | "saidAtMs">>(
  messages: readonly Message[],
  words: readonly string[],
): Promise<readonly Message[]> {
  if (words.length === 0) return [];
  const rated: { readonly message: Message; readonly held: WordMatch }[] = [];
  let chars = 0;
  for (const message of messages) {
    const held = matchWords(message.text, words);
    if (held.words >= minMatchingWords(words)) rated.push({ message, held });
    chars += message.text.length + charsPerMessage;
    if (chars < charsPerSlice) continue;
    chars = 0;
    await new Promise((resolve) => void setImmediate(resolve));
  }
  rated.sort(
    (a, b) =>
      b.held.words - a.held.words ||
      b.held.closeness - a.held.closeness ||
      b.message.saidAtMs - a.message.saidAtMs,
  );
  const isAll = rated[0]?.held.words === words.length;
  return rated.flatMap(({ message, held }) => (!isAll || held.words === words.length ? [message] : []));
}

/** How many of the words a text must have to be found at all. */
export function minMatchingWords({ length }: readonly string[]): number {
  return length < 3 ? length : Math.floor(length / 2) + 1;
}
