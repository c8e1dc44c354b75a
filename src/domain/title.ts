const maxTitleChars = 80;

/** Above what is said in a recording, which may be all of a message. */
const spoken = /^\[(?:spoken in the file .*|voice message(?:, \d+ s)?)\]$/u;

/** A title from a message: its first line with text, cut at a word to at most 80 characters. Empty for an empty text. */
export function titleFrom(text: string): string {
  const line =
    text
      .slice(0, 1_000)
      .split("\n")
      .map((each) => each.replaceAll(/\s+/gu, " ").trim())
      .find((each) => each !== "" && !spoken.test(each)) ?? "";
  if (line.length <= maxTitleChars) return line;
  const cut = line.slice(0, maxTitleChars - 1);
  const lastSpace = cut.lastIndexOf(" ");
  const shortened =
    lastSpace > maxTitleChars / 2 ? cut.slice(0, lastSpace) : cut.replace(/[\uD800-\uDBFF]$/u, "");
  return `${shortened}…`;
}
