/** More than thirty combining marks in a row, including letters that decompose into marks. */
const markPile =
  /(?<![\p{M}\u0E33\u0EB3\uFF9E\uFF9F])([\p{M}\u0E33\u0EB3\uFF9E\uFF9F]{30})[\p{M}\u0E33\u0EB3\uFF9E\uFF9F]+/gu;

/**
 * A text in a Unicode normal form. At most thirty combining marks in a row are kept: sorting them takes quadratic time, and
 * no script puts more than a few on one letter.
 */
export function normalizeText(text: string, form: "NFC" | "NFKC" | "NFKD"): string {
  return text.replaceAll(markPile, "$1").normalize(form);
}
