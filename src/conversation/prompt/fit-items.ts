import { yielding } from "../../async/yielding.ts";

/** A part of a prompt. Only its `text` can be divided. */
interface Item {
  readonly text: string;
}

/** Counts the tokens of an item as formatted in the prompt. */
type TokensOf<T> = (item: T) => number;
/** Minimum size of a divided text, so that every step makes progress. */
const minPieceChars = 40;
/** A text with more characters per token of room than this is divided without counting its tokens first, which would be linear in its length. */
const maxCharsPerToken = 8;

/**
 * Splits off the longest run of leading items that fits into `room` tokens. `part` is never empty unless `items` is: if the
 * first item alone is too long, it is divided, and its remainder leads `rest`. Yields while counting.
 */
export async function takeThatFits<T extends Item>(
  items: readonly T[],
  room: number,
  tokensOf: TokensOf<T>,
): Promise<{ readonly part: readonly T[]; readonly rest: readonly T[] }> {
  const pause = yielding();
  let left = room;
  let count = 0;
  for (const item of items) {
    await pause();
    if (item.text.length > room * maxCharsPerToken) break;
    left -= tokensOf(item);
    if (left < 0) break;
    count += 1;
  }
  const [first] = items;
  if (count > 0 || first === undefined) return { part: items.slice(0, count), rest: items.slice(count) };
  const { head, tail } = await divide(first, room, tokensOf);
  return { part: [head], rest: tail === undefined ? items.slice(1) : [tail, ...items.slice(1)] };
}

/** The newest items that fit into `room` tokens, in their order. Always includes the newest one. */
export function newestThatFit<T extends Item>(
  items: readonly T[],
  room: number,
  tokensOf: TokensOf<T>,
): readonly T[] {
  let left = room;
  const first = items.findLastIndex((item) => (left -= tokensOf(item)) < 0);
  return items.slice(Math.min(first + 1, Math.max(0, items.length - 1)));
}

async function divide<T extends Item>(
  item: T,
  room: number,
  tokensOf: TokensOf<T>,
): Promise<{ readonly head: T; readonly tail: T | undefined }> {
  const pause = yielding();
  const { text } = item;
  let chars = Math.min(text.length, Math.max(minPieceChars, room * maxCharsPerToken));
  const count = (): number => tokensOf({ ...item, text: text.slice(0, chars) });
  for (let tokens = count(); tokens > room && chars > minPieceChars; tokens = count()) {
    await pause();
    chars = Math.max(minPieceChars, Math.floor(chars * Math.min(0.9, (room / tokens) * 0.95)));
  }
  if (chars >= text.length) return { head: item, tail: undefined };
  const at = wordEnd(text, chars);
  return { head: { ...item, text: text.slice(0, at) }, tail: { ...item, text: text.slice(at) } };
}

/** End of the last word, if it is in the last fifth; else `chars`. Never inside a surrogate pair. */
function wordEnd(text: string, chars: number): number {
  const space = Math.max(text.lastIndexOf(" ", chars - 1), text.lastIndexOf("\n", chars - 1));
  if (space > chars * 0.8) return space + 1;
  const isHighSurrogate = text.charCodeAt(chars - 1) >> 10 === 0x36;
  return isHighSurrogate ? chars - 1 : chars;
}
