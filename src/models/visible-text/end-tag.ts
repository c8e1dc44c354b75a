/**
 * Whether an end tag that no tag has opened is something that the answer tells about, and not the end of thoughts that the
 * template has opened. Those end behind their last word or on a line of their own.
 * @param before The last character before it; "" where there is none.
 */
export function isMentioned(before: string, after: string): boolean {
  if (before === "" || before === "\n" || after === "" || after.startsWith("\n")) return false;
  return /[\s"'“‘(`]/u.test(before) || (before === after[0] && /[*_|]/u.test(before));
}
