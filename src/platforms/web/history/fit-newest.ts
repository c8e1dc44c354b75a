/** How much a page gets at once. */
export interface PageSize {
  readonly messages: number;
  /** UTF-16 code units of all texts together. */
  readonly chars: number;
}

/** What is remembered and what waits, each of them, together well below what a connection buffers, also where a character takes three bytes. */
export const fullPage: PageSize = { messages: 200, chars: 500_000 };

/** The newest of some messages, which are oldest first, and the room that they leave. At least one, however long it is. */
export function fitNewest<T extends { readonly text: string }>(
  messages: readonly T[],
  room: PageSize,
): { readonly fitting: readonly T[]; readonly left: PageSize } {
  let { messages: count, chars } = room;
  let first = messages.length;
  for (const { text } of messages.toReversed()) {
    const isTooMuch = count < 1 || text.length > chars;
    if (isTooMuch && first < messages.length) break;
    count -= 1;
    chars -= text.length;
    first -= 1;
    if (isTooMuch) break;
  }
  return { fitting: messages.slice(first), left: { messages: count, chars } };
}
