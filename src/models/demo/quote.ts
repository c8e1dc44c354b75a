/** Quotes a text on one line, truncated at a word. The quotes keep it from becoming a list, a fence or a heading. */
export function quote(text: string, maxChars: number): string {
  const line = text.replaceAll(/\s+/gu, " ").trim();
  if (line.length <= maxChars) return `“${line}”`;
  const cut = line.slice(0, maxChars).replace(/[\uD800-\uDBFF]$/u, "");
  const lastSpace = cut.lastIndexOf(" ");
  return `“${lastSpace > maxChars / 2 ? cut.slice(0, lastSpace) : cut}…”`;
}

/** Adds a full stop, unless the quotation at the end has one. */
export function endSentence(sentence: string): string {
  return /[.!?…]”$/u.test(sentence) ? sentence : `${sentence}.`;
}
