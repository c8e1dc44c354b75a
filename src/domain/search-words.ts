import { normalizeText } from "./normalize-text.ts";

const maxSearchWords = 16;
const maxWordChars = 100;
/** Of what a person looks for; the words that count stand at its beginning. */
const maxSearchChars = 4_000;

/** Of scripts that put no space between words. */
const unspaced =
  "\\p{scx=Han}\\p{scx=Hiragana}\\p{scx=Katakana}\\p{scx=Thai}\\p{scx=Lao}\\p{scx=Khmer}\\p{scx=Myanmar}";
const wordsIn = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*/gu;
const runsIn = new RegExp(`[${unspaced}]+|[^${unspaced}]+`, "gu");
const isAscii = /^[\0-\x7F]*$/u;
const hasUnspaced = new RegExp(`[${unspaced}]`, "u");
const startsUnspaced = new RegExp(`^[${unspaced}]`, "u");

/** The words of what somebody looks for, each once, without anything that a query language would understand. */
export function searchWords(text: string): readonly string[] {
  return [...distinctWords(text.slice(0, maxSearchChars), { withLast: false })].slice(0, maxSearchWords);
}

/**
 * The words of a text, each once: lower case, without accents, letters and digits only. Where there are no spaces, every
 * two neighbours are one, and the last one alone.
 */
export function wordsOf(text: string): readonly string[] {
  return [...distinctWords(text, { withLast: true })];
}

/** Whether it is also looked for as the beginning of a longer word. One letter or digit would be in nearly every text. */
export function matchesAsPrefix(word: string): boolean {
  return word.length > 1 || startsUnspaced.test(word);
}

/** How a text holds the words of a search. */
export interface WordMatch {
  /** How many of them, also as the beginnings of longer words. */
  readonly words: number;
  /** More where they stand whole, and where there is little else. */
  readonly closeness: number;
}

export function matchWords(text: string, sought: readonly string[]): WordMatch {
  const words = distinctWords(text, { withLast: true });
  const wholes = sought.filter((each) => words.has(each)).length;
  const begun = countPrefixMatches(
    words,
    sought.filter((each) => !words.has(each) && matchesAsPrefix(each)),
  );
  return { words: wholes + begun, closeness: (wholes * 2 + begun) / (50 + words.size) };
}

/** How many of these the words begin with. */
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

/** `withLast`: the last of a run without spaces stands alone too, so that it is found as a beginning. */
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

/** By whole characters. */
function truncateWord(word: string): string {
  return word.length <= maxWordChars ? word : Array.from(word).slice(0, maxWordChars).join("");
}

/** Without case, accents and other forms of the same letters. */
function foldCaseAndAccents(text: string): string {
  if (isAscii.test(text)) return text.toLowerCase();
  const folded = normalizeText(text, "NFKD").slice(0, maxNormalizedChars(text)).toUpperCase().toLowerCase();
  return folded
    .replaceAll(/[\u0300-\u036F]/gu, "")
    .replaceAll("ς", "σ")
    .normalize("NFC");
}

/** A few characters stand for eighteen others: a text of nothing else must not cost eighteen times as much. */
function maxNormalizedChars({ length }: string): number {
  return length * 3 + 100;
}
