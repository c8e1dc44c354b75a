const fallbackChars = 3_000;
const zeroWidthSpace = "\u200B";

const opening = "(?:<|&lt;?|&#0*60;?|&#x0*3c;?)";
const sigil = "\\\\*(?:[!@#]|&(?:excl|commat|num|#0*(?:33|35|64)|#x0*(?:21|23|40));?)";
const pinging = new RegExp(`(${opening})(?=${sigil})`, "giu");

/**
 * Markdown that can ping nobody: each beginning of a Slack mention gets a zero-width space after its `<`. It looks the
 * same, inside code too, where an escape would be visible. Encoded forms of such a beginning are covered.
 */
export function neutralizePings(markdown: string): string {
  // Most answers have neither sign.
  if (!markdown.includes("<") && !markdown.includes("&")) return markdown;
  return markdown.replaceAll(pinging, `$1${zeroWidthSpace}`);
}

/** The text for notifications and screen readers: escaped, truncated, pinging nobody. */
export function fallbackText(markdown: string): string {
  const escaped = escapeMarkup(neutralizePings(markdown.slice(0, fallbackChars)));
  if (escaped.length <= fallbackChars && markdown.length <= fallbackChars) return escaped;
  const cut = escaped.slice(0, fallbackChars - 1).replace(/&[a-z]{0,3}$/u, "");
  return `${cut.replace(/[\uD800-\uDBFF]$/u, "")}…`;
}

/** Escapes text for mrkdwn. https://docs.slack.dev/messaging/formatting-message-text */
export function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Truncates to at most `chars` UTF-16 code units, never within a character. */
export function truncateTo(text: string, chars: number): string {
  if (text.length <= chars) return text;
  return `${text.slice(0, chars - 1).replace(/[\uD800-\uDBFF]$/u, "")}…`;
}
