/**
 * The longest text that is kept of one message, in UTF-16 code units. Slack and Discord stay far below it; it bounds
 * what a forged or pasted megabyte costs in storage and in counting tokens.
 */
const maxMessageChars = 100_000;

/** Keeps a message's beginning and end, and says in the middle how much is missing. */
export function truncate(text: string, maxChars: number = maxMessageChars): string {
  if (text.length <= maxChars) return text;
  const headChars = Math.floor(maxChars * 0.7);
  const tailChars = Math.max(0, maxChars - headChars - 80);
  const head = wholeCharacters(text.slice(0, headChars));
  const tail = tailChars === 0 ? "" : wholeCharacters(text.slice(-tailChars));
  const missing = text.length - head.length - tail.length;
  return `${head}\n[… shortened: ${missing} characters are left out here …]\n${tail}`;
}

/** Drops the halves of surrogate pairs that a cut left at either end. */
function wholeCharacters(text: string): string {
  return text.replace(/^[\uDC00-\uDFFF]/u, "").replace(/[\uD800-\uDBFF]$/u, "");
}
