import { removeInvisible, invisibleLetters } from "./clean-name.ts";
import { prototypes } from "./confusables.ts";

/** Combining strokes and frames that no language uses in its letters. */
const decoration =
  "\\u0305\\u030D\\u030E\\u0310\\u0312\\u0315-\\u031A\\u031C-\\u0322\\u0329-\\u032C\\u032F\\u0332-\\u0341\\u0343\\u0344\\u0346-\\u036F\\u1AB0-\\u1AFF\\u1DC0-\\u1DFF\\u20D0-\\u20FF\\uFE20-\\uFE2F";

/** Ignored when names are compared: spaces, punctuation, decoration, invisible characters. */
const withoutLook = new RegExp(`[\\p{P}\\p{Z}\\s\`~^|+=$<>${decoration}${invisibleLetters}]`, "gu");

const lookalikes = [...prototypes.keys()].join("");

const lookalike = new RegExp(`[${lookalikes}]`, "gu");

/** A name with none of these characters is its own look. */
const changing = new RegExp(
  `[\\p{CWKCF}\\p{CWL}\\p{M}\\p{P}\\p{Z}\\s\`~^|+=$<>${invisibleLetters}\u1100-\u11FF\\u{10000}-\\u{10FFFF}i${lookalikes}]`,
  "u",
);

/**
 * Maps a name to its look: two names that people would confuse have the same look, whatever their letters, case and
 * decoration. Like Unicode's skeletons (https://www.unicode.org/reports/tr39/), but case-insensitive. Linear time, no
 * cache.
 */
export function looksOf(name: string): string {
  if (name !== "" && !changing.test(name)) return name;
  const letters = name.normalize("NFKC");
  const looks = prototypesOf(prototypesOf(letters.replaceAll(withoutLook, "")).toLowerCase());
  if (looks === "") return removeInvisible(letters).trim().toLowerCase();
  // A capital i looks like a small L, and case does not count.
  return looks.normalize("NFC").replaceAll("i", "l").replaceAll("l\u0307", "l");
}

function prototypesOf(text: string): string {
  return text.replaceAll(lookalike, (each) => prototypes.get(each) ?? each);
}
