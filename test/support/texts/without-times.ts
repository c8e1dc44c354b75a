/** A prompt's text without the times that stand in it: tests that are about what was said compare that alone. */
export function withoutTimes(text: string): string {
  return text
    .replaceAll(/^\[\p{L}+day, \d{1,2} \p{L}+ \d+, \d\d:\d\d\]\n/gmu, "")
    .replace(/(?:^|\n\n)\[It is now [^\n\]]*\]$/u, "");
}
