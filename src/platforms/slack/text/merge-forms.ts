import { SeenText } from "./seen-text.ts";

/**
 * Merges a text and the parts that Slack sends for the same content. If one contains the other, it is enough; else the
 * result is the text and the parts that it does not contain. Equal parts are kept: people see both.
 */
export function mergeForms(text: string, parts: readonly string[]): readonly string[] {
  const inText = seenTextOf([text]);
  const others = parts.filter((part) => !inText.has(part));
  // If both are the same, the text is better: it has the names of groups and channels.
  if (others.length === 0 && !isCut(text)) return [text];
  const inParts = seenTextOf(parts);
  // A text that repeats itself has all pairs of words before its cut.
  const saysMore = others.length > 0 || inParts.words > inText.words;
  return saysMore && inParts.has(withoutCutWord(text)) ? parts : [text, ...others];
}

/** Whether it may be: people write this too. */
function isCut(text: string): boolean {
  return text.endsWith("…");
}

/** A text that was cut ends within a word. */
function withoutCutWord(text: string): string {
  if (!isCut(text)) return text;
  let end = text.length - 1;
  while (end > 0 && /[\p{L}\p{N}]/u.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/** A SeenText with all of these texts. */
export function seenTextOf(texts: readonly string[]): SeenText {
  const seen = new SeenText();
  for (const text of texts) seen.add(text);
  return seen;
}
