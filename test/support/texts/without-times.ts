/** Removes time marks from a prompt's text, for tests that compare only messages. */
export function withoutTimes(text: string): string {
  return text
    .replaceAll(/^\[\p{L}+day, \d{1,2} \p{L}+ \d+, \d\d:\d\d\]\n/gmu, "")
    .replace(/(?:(?:^|\n\n)\[This thread is titled [^\n\]]*\])?(?:^|\n\n)\[It is now [^\n\]]*\]$/u, "");
}
