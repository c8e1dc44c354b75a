import type { Recollection, RememberedMessage } from "../domain/recollection.ts";

/** So many words in a row are a quotation. */
const quotedWords = 4;

/**
 * Whether a reply of ours rests on messages that are gone: it answers nothing else, or it was made after one of them and
 * repeats what no person's remaining message says. `keeps`: how one of them reads now, where it was only changed.
 */
export function restsOn(
  reply: RememberedMessage,
  gone: readonly RememberedMessage[],
  remaining: Recollection,
  keeps: string,
): boolean {
  const ids = new Set(gone.map(({ id }) => id));
  if (keeps === "" && reply.answers.length > 0 && reply.answers.every((id) => ids.has(id))) return true;
  const before = gone.filter(({ ordinal }) => ordinal < reply.ordinal).map(({ text }) => text);
  if (before.length === 0) return false;
  const said = remaining.messages.filter(({ role }) => role === "person").map(({ text }) => text);
  return repeats(reply.text, before, [keeps, ...said]);
}

/** Whether a text holds a telling word, or a quotation, that is in `gone` and in none of the others. */
export function repeats(text: string, gone: readonly string[], others: readonly string[]): boolean {
  return repeating(gone, others)(text);
}

/** As `repeats`, for many texts. */
export function repeating(gone: readonly string[], others: readonly string[]): (text: string) => boolean {
  const lost = tracesOf(gone).difference(tracesOf(others));
  return (text) => lost.size > 0 && !tracesOf([text]).isDisjointFrom(lost);
}

function tracesOf(texts: readonly string[]): Set<string> {
  const traces = new Set<string>();
  for (const text of texts) {
    const words = Array.from(text.matchAll(/[\p{L}\p{N}](?:[\p{L}\p{N}._@/+-]*[\p{L}\p{N}])?/gu));
    for (const [index, { 0: word, index: at }] of words.entries()) {
      if (isTelling(word, text.slice(0, at))) traces.add(word.toLowerCase());
      const quoted = words.slice(index, index + quotedWords);
      if (quoted.length === quotedWords)
        traces.add(quoted.map(({ 0: each }) => each.toLowerCase()).join(" "));
    }
  }
  return traces;
}

/** Numbers, identifiers, addresses, names: words that hardly come into two texts by chance. */
function isTelling(word: string, before: string): boolean {
  if (/\d/u.test(word)) return word.length >= 3;
  if (/[._@/+-]/u.test(word) || /\p{Ll}\p{Lu}/u.test(word)) return word.length >= 5;
  if (word.length >= 14) return true;
  const isSentenceStart = /(?:^|[.!?:\n*_"“„(-])\s*$/u.test(before);
  return /^\p{Lu}/u.test(word) && word.length >= 4 && !isSentenceStart;
}
