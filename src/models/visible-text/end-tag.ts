/**
 * Whether an answer mentions an end tag that no tag has opened. Otherwise the tag ends thoughts that the template opened: these
 * end right after their last word, or on a separate line.
 * @param before - the last character before it; "" if there is none
 */
export function isMentioned(before: string, after: string): boolean {
  if (before === "" || before === "\n" || after === "" || after.startsWith("\n")) return false;
  return /[\s"'“‘(`]/u.test(before) || (before === after[0] && /[*_|]/u.test(before));
}
