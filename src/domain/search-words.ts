const mostSought = 16;
const mostChars = 100;

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
  return distinct(text, { withLast: false }).slice(0, mostSought);
}

/**
 * The words of a text, each once: lower case, without accents, letters and digits only. Where there are no spaces, every
 * two neighbours are one, and the last one alone.
 */
export function wordsOf(text: string): readonly string[] {
  return distinct(text, { withLast: true });
}

/** Whether it is also looked for as the beginning of a longer word. One letter or digit would be in nearly every text. */
export function isBeginning(word: string): boolean {
  return word.length > 1 || startsUnspaced.test(word);
}

/** How a text holds the words of a search. */
export interface Held {
  /** How many of them, also as the beginnings of longer words. */
  readonly words: number;
  /** More where they stand whole, and where there is little else. */
  readonly closeness: number;
}

export function heldIn(text: string, sought: readonly string[]): Held {
  const words = wordsOf(text);
  const whole = new Set(words);
  const isHeld = (each: string): boolean =>
    whole.has(each) || (isBeginning(each) && words.some((word) => word.startsWith(each)));
  const held = sought.filter(isHeld);
  const wholes = held.filter((each) => whole.has(each)).length;
  return { words: held.length, closeness: (wholes + held.length) / (50 + words.length) };
}

/** `withLast`: the last of a run without spaces stands alone too, so that it is found as a beginning. */
interface How {
  readonly withLast: boolean;
}

function distinct(text: string, how: How): readonly string[] {
  const folded = plain(text);
  const words = folded.match(wordsIn) ?? [];
  if (!hasUnspaced.test(folded)) return [...new Set(words.map(cut))];
  const runs = words.flatMap((word) => word.match(runsIn) ?? []);
  return [...new Set(runs.flatMap((run) => (startsUnspaced.test(run) ? pairsOf(run, how) : [cut(run)])))];
}

function pairsOf(run: string, { withLast }: How): readonly string[] {
  const letters = Array.from(run);
  if (letters.length === 1) return letters;
  const pairs = letters.slice(1).map((letter, index) => `${letters[index]}${letter}`);
  return withLast ? [...pairs, ...letters.slice(-1)] : pairs;
}

/** By whole characters. */
function cut(word: string): string {
  return word.length <= mostChars ? word : Array.from(word).slice(0, mostChars).join("");
}

/** Without case, accents and other forms of the same letters. */
function plain(text: string): string {
  if (isAscii.test(text)) return text.toLowerCase();
  const folded = text.normalize("NFKD").slice(0, mostFolded(text)).toUpperCase().toLowerCase();
  return folded
    .replaceAll(/[\u0300-\u036F]/gu, "")
    .replaceAll("ς", "σ")
    .normalize("NFC");
}

/** A few characters stand for eighteen others: a text of nothing else must not cost eighteen times as much. */
function mostFolded({ length }: string): number {
  return length * 3 + 100;
}
