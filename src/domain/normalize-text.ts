/** Marks, and the letters that are taken apart into marks: thirty of them, and those that follow. */
const markPile =
  /(?<![\p{M}\u0E33\u0EB3\uFF9E\uFF9F])([\p{M}\u0E33\u0EB3\uFF9E\uFF9F]{30})[\p{M}\u0E33\u0EB3\uFF9E\uFF9F]+/gu;

/**
 * A text in a normal form. Normalising puts the marks of a letter into order, in a time that grows with the square of
 * their number; no script has more than a few on one letter, and of a crowd of them the first thirty stay.
 */
export function normalizeText(text: string, form: "NFC" | "NFKC" | "NFKD"): string {
  return text.replaceAll(markPile, "$1").normalize(form);
}
