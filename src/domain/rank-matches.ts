import type { ArchivedMessage } from "./archive.ts";
import { matchWords, type WordMatch } from "./search-words.ts";

/** So much text is looked through in a few milliseconds; then everything else has a turn. */
const charsPerSlice = 50_000;
/** What a message costs besides its text. */
const charsPerMessage = 50;

/**
 * What holds all of the words, best first, then newest; where nothing does, and there are three words or more, what holds
 * more than half of them. Takes time by the length of the texts, and gives others a turn meanwhile.
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

/** How many of the words a text must hold to be found at all. */
export function minMatchingWords({ length }: readonly string[]): number {
  return length < 3 ? length : Math.floor(length / 2) + 1;
}
