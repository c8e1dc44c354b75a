import { normalizeText } from "./normalize-text.ts";

const maxSearchWords = 16;
const maxWordChars = 100;
/** Longer queries are cut: the words that matter come first. */
const maxSearchChars = 4_000;

/** The scripts that put no space between words. */
const unspaced =
  "\\p{scx=Han}\\p{scx=Hiragana}\\p{scx=Katakana}\\p{scx=Thai}\\p{scx=Lao}\\p{scx=Khmer}\\p{scx=Myanmar}";
const wordsIn = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;
const runsIn = new RegExp(`[${unspaced}]+|[^${unspaced}]+`, "gu");
const isAscii = /^[\0-\x7F]*$/u;
const hasUnspaced = new RegExp(`[${unspaced}]`, "u");
const startsUnspaced = new RegExp(`^[${unspaced}]`, "u");

/** The distinct words of a query, without the operators of query languages. At most 16. Empty for a text without words. */
export function searchWords(text: string): readonly string[] {
  return [...distinctWords(text.slice(0, maxSearchChars), { withLast: false })].slice(0, maxSearchWords);
}

/**
 * The distinct words of a text: lower case, without accents, letters and digits only. In scripts without spaces, every pair
 * of neighbouring characters is a word, and so is the last character.
 */
export function wordsOf(text: string): readonly string[] {
  return [...distinctWords(text, { withLast: true })];
}

/** Whether a search word also matches longer words that start with it. A single letter would match nearly every text. */
export function matchesAsPrefix(word: string): boolean {
  return word.length > 1 || startsUnspaced.test(word);
}

/** How well a text matches the words of a search. */
export interface WordMatch {
  /** How many of the words match, whole or as a prefix. */
  readonly words: number;
  /** Higher for whole words, and for texts with few other words. */
  readonly closeness: number;
}

/** Matches a text against search words. Time grows with the text. */
export function matchWords(text: string, sought: readonly string[]): WordMatch {
  const words = distinctWords(text, { withLast: true });
  const wholes = sought.filter((each) => words.has(each)).length;
  const begun = countPrefixMatches(
    words,
    sought.filter((each) => !words.has(each) && matchesAsPrefix(each)),
  );
  return { words: wholes + begun, closeness: (wholes * 2 + begun) / (50 + words.size) };
}

/** How many of the search words are a prefix of a word. */
function countPrefixMatches(words: ReadonlySet<string>, sought: readonly string[]): number {
  const left = new Set(sought);
  const first = new Set(sought.map((each) => each.charCodeAt(0)));
  for (const word of words) {
    if (left.size === 0) break;
    if (!first.has(word.charCodeAt(0))) continue;
    for (const each of left) if (word.startsWith(each)) left.delete(each);
  }
  return sought.length - left.size;
}

/** `withLast`: the last character of a run without spaces is a word too, so that it matches as a prefix. */
interface Segmentation {
  readonly withLast: boolean;
}

function distinctWords(text: string, how: Segmentation): ReadonlySet<string> {
  const folded = foldCaseAndAccents(text);
  const words = folded.match(wordsIn) ?? [];
  if (!hasUnspaced.test(folded)) return new Set(words.map(truncateWord));
  const found = new Set<string>();
  for (const word of words) {
    for (const run of word.match(runsIn) ?? []) {
      if (startsUnspaced.test(run)) addBigrams(found, run, how);
      else found.add(truncateWord(run));
    }
  }
  return found;
}

function addBigrams(found: Set<string>, run: string, { withLast }: Segmentation): void {
  let before = "";
  let count = 0;
  for (const letter of run) {
    if (before !== "") found.add(before + letter);
    before = letter;
    count += 1;
  }
  if (withLast || count === 1) found.add(before);
}

/** Never splits a surrogate pair. */
function truncateWord(word: string): string {
  return word.length <= maxWordChars ? word : Array.from(word).slice(0, maxWordChars).join("");
}

/** Removes case, accents and compatibility forms. */
function foldCaseAndAccents(text: string): string {
  if (isAscii.test(text)) return text.toLowerCase();
  const folded = normalizeText(text, "NFKD").slice(0, maxNormalizedChars(text)).toUpperCase().toLowerCase();
  return folded
    .replaceAll(/[\u0300-\u036F]/gu, "")
    .replaceAll("ς", "σ")
    .normalize("NFC");
}

/** Some characters normalize to eighteen others. The limit keeps the cost linear. */
function maxNormalizedChars({ length }: string): number {
  return length * 3 + 100;
}
