/** A text in one line, shortened at a word. It never begins a list, a fence or a heading: it stands in quotes. */
export function quote(text: string, mostChars: number): string {
  const line = text.replaceAll(/\s+/gu, " ").trim();
  if (line.length <= mostChars) return `“${line}”`;
  const cut = line.slice(0, mostChars).replace(/[\uD800-\uDBFF]$/u, "");
  const lastSpace = cut.lastIndexOf(" ");
  return `“${lastSpace > mostChars / 2 ? cut.slice(0, lastSpace) : cut}…”`;
}

/** Ends a sentence whose last words are a quotation; the quotation's own stop is enough. */
export function endSentence(sentence: string): string {
  return /[.!?…]”$/u.test(sentence) ? sentence : `${sentence}.`;
}
