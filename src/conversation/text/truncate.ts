/**
 * Longest stored text of one message, in UTF-16 code units. Slack and Discord stay far below it. It bounds what a pasted
 * megabyte costs in storage and token counting.
 */
const maxMessageChars = 100_000;

/** Cuts out the middle of a text that is too long, and notes there how many characters are missing. */
export function truncate(text: string, maxChars: number = maxMessageChars): string {
  if (text.length <= maxChars) return text;
  const headChars = Math.floor(maxChars * 0.7);
  const tailChars = Math.max(0, maxChars - headChars - 80);
  const head = wholeCharacters(text.slice(0, headChars));
  const tail = tailChars === 0 ? "" : wholeCharacters(text.slice(-tailChars));
  const missing = text.length - head.length - tail.length;
  return `${head}\n[… shortened: ${missing} characters are left out here …]\n${tail}`;
}

/** Drops half a surrogate pair left at either end by a cut. */
function wholeCharacters(text: string): string {
  return text.replace(/^[\uDC00-\uDFFF]/u, "").replace(/[\uD800-\uDBFF]$/u, "");
}
