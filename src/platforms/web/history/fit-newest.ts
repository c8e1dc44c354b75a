/** The size of one page of history. */
export interface PageSize {
  readonly messages: number;
  /** UTF-16 code units, all texts together. */
  readonly chars: number;
}

/**
 * For remembered and for waiting messages each. Together well below a connection's buffer, also at three bytes per
 * character.
 */
export const fullPage: PageSize = { messages: 200, chars: 500_000 };

/** The newest messages that fit, at least one, and the size that is left. `messages`: oldest first. */
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
