const maxGraphemes = 40;
const maxChars = 160;
/** More combining marks than this on one letter only serve to cover neighbouring text. */
const maxMarks = 2;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Invisible characters, for use inside a character class. They would let two names look the same. U+2800 and the Hangul fillers are blank letters. */
export const invisibleLetters =
  "\\p{Cc}\\p{Cf}\\p{Cn}\\p{Co}\\p{Cs}\\p{Default_Ignorable_Code_Point}\\u2800\\u115F\\u1160\\u3164\\uFFA0";
const invisible = new RegExp(`[${invisibleLetters}]`, "gu");
const spaces = /[\s\p{Z}\u0085]+/gu;
/** Colons of all scripts: in a prompt, a colon ends the speaker's name. */
const colons =
  /[:\uA789\u2236\u02D0\u02F8\u05C3\u0589\u0703\u0704\u1361\u16EC\u1804\u205A\u2982\uFE13\uFE30\uFE55\uFF1A]/gu;
const brackets = /[[\]{}<>\u3008-\u3011\u3014-\u301B\uFF3B\uFF3D]/gu;
const marks = new RegExp(`(\\p{M}{${maxMarks}})\\p{M}+`, "gu");

/**
 * Reduces a display name to one line of visible characters: NFKC, no control, direction or invisible characters, no
 * colons or brackets, at most 40 graphemes. Empty if nothing is left.
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

/** Removes invisible characters. */
export function removeInvisible(letters: string): string {
  return letters.replaceAll(invisible, "");
}

/** Removes Markdown syntax from a label. */
export function stripMarkdown(label: string): string {
  return label.replaceAll(/[\\`*_~[\]<>|]/gu, "");
}
