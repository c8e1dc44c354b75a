const fallbackChars = 3_000;
const zeroWidthSpace = "\u200B";

const opening = "(?:<|&lt;?|&#0*60;?|&#x0*3c;?)";
const calling = "\\\\*(?:[!@#]|&(?:excl|commat|num|#0*(?:33|35|64)|#x0*(?:21|23|40));?)";
const pinging = new RegExp(`(${opening})(?=${calling})`, "giu");

/**
 * A model's Markdown in which nothing can ping: whatever begins like a Slack mention gets a zero-width space after
 * its `<`. It looks the same, inside code too, where an escape would be shown as it stands. What a reader of Markdown
 * would decode to such a beginning counts as one.
 */
export function withoutPings(markdown: string): string {
  return markdown.replaceAll(pinging, `$1${zeroWidthSpace}`);
}

/** The text for notifications and screen readers: escaped for Slack's own markup, shortened, never pinging. */
export function fallbackText(markdown: string): string {
  const escaped = escapeMarkup(withoutPings(markdown.slice(0, fallbackChars)));
  if (escaped.length <= fallbackChars && markdown.length <= fallbackChars) return escaped;
  const cut = escaped.slice(0, fallbackChars - 1).replace(/&[a-z]{0,3}$/u, "");
  return `${cut.replace(/[\uD800-\uDBFF]$/u, "")}…`;
}

/** For text that Slack reads as its own markup. */
export function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** At most so many UTF-16 code units, never half a character. */
export function shortened(text: string, chars: number): string {
  if (text.length <= chars) return text;
  return `${text.slice(0, chars - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}
