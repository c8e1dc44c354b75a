const maxGraphemes = 40;
const maxChars = 160;
/** More marks on one letter are there to cover what stands around it. */
const maxMarks = 2;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** What nobody sees, as part of a pattern: it would make two names out of one. U+2800 and the Hangul fillers are empty letters. */
export const invisibleLetters =
  "\\p{Cc}\\p{Cf}\\p{Cn}\\p{Co}\\p{Cs}\\p{Default_Ignorable_Code_Point}\\u2800\\u115F\\u1160\\u3164\\uFFA0";
const invisible = new RegExp(`[${invisibleLetters}]`, "gu");
const spaces = /[\s\p{Z}\u0085]+/gu;
/** What would end a name, or begin something else than a name. */
const colons =
  /[:\uA789\u2236\u02D0\u02F8\u05C3\u0589\u0703\u0704\u1361\u16EC\u1804\u205A\u2982\uFE13\uFE30\uFE55\uFF1A]/gu;
const brackets = /[[\]{}<>\u3008-\u3011\u3014-\u301B\uFF3B\uFF3D]/gu;
const marks = new RegExp(`(\\p{M}{${maxMarks}})\\p{M}+`, "gu");

/**
 * A name as one line of visible characters, as people may call themselves anything: NFKC, without control, direction and
 * invisible characters, colons and brackets, and of bounded length. Empty where nothing is left.
 */
export function cleanName(name: string): string {
  const line = removeInvisible(name.slice(0, 1_000).normalize("NFKC").replaceAll(spaces, " "))
    .replaceAll(colons, " ")
    .replaceAll(brackets, "")
    .replaceAll(marks, "$1")
    .replaceAll(/ +/gu, " ")
    .trim();
  const shown = Array.from(graphemes.segment(line.slice(0, maxChars)), ({ segment }) => segment);
  return shown.slice(0, maxGraphemes).join("").toWellFormed().trim();
}

/** Without what nobody sees. */
export function removeInvisible(letters: string): string {
  return letters.replaceAll(invisible, "");
}

/** A label in a text of Markdown, where it formats nothing. */
export function stripMarkdown(label: string): string {
  return label.replaceAll(/[\\`*_~[\]<>|]/gu, "");
}
