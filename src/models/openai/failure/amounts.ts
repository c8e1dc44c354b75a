/** A number of tokens that a text speaks of. */
export interface Amount {
  readonly value: number;
  /** What stands before it, back to the number before. */
  readonly before: string;
  /** With what follows it, up to the next number. */
  readonly around: string;
  /** The words say that nothing may be more than it; `sign`: a sign says so. */
  readonly isLimit: boolean | "sign";
}

/** Less is no model's limit: a version, a place in a list, a time. */
const least = 64;
const mostBefore = 60;
const mostAfter = 24;
const mostAmounts = 24;
/** "32768", "32,768", "32_768", "32 768", "32.768", "8192.0", "32k", "128 K", "1M", and the end of "1-4095"; no date. */
const number =
  /(?:(?<![\p{L}\p{N}_#.-])|(?<=(?<![\p{L}\p{N}_#.-])[01]-))(?!0)(?:\d{1,3}(?:[ '’.]\d{3}){1,3}(?!\d)|\d[\d,_]{0,12}(?:\.\d{1,3})?)(?:\s?[kKM])?(?![\p{L}\p{N}_]|-\d)/gu;
/** A number behind these is none of tokens, or says by how many they are too many. */
const other = /(?:\b(?:code|status|http|error|id)\W{0,4}|\bby (?:about |over )?|batch size\W{0,3})$/iu;
const limitBefore =
  /limit|max(?!_(?:completion_|output_|new_)?tokens)|上限|最大|context|window|n_ctx|supports|at most|up to|less than|lower than|exceeds?\b|longer than|greater than|larger than|allowed|available|<=|>|capacity|range|afford/giu;
const countBefore =
  /request|contain|given|received|resulted|provided|prompt|input|messages|current|too large:|count of|total/giu;
const sign = /(?:<=|>)\s?$/u;
const limitAfter = /^[^\w,;:.]{0,3}(?:tokens?[^\w,;:.]{1,3})?(?:max|limit|allowed|context)/iu;

/** The numbers in what a server says about lengths, in their order. */
export function amountsIn(text: string): readonly Amount[] {
  const matches = [...text.matchAll(number)].slice(0, mostAmounts);
  const amounts: Amount[] = [];
  let end = 0;
  for (const [index, match] of matches.entries()) {
    const before = text.slice(Math.max(end, match.index - mostBefore), match.index);
    end = match.index + match[0].length;
    const after = text.slice(end, Math.min(matches[index + 1]?.index ?? text.length, end + mostAfter));
    const value = valueOf(match[0]);
    if (value < least || other.test(before) || isOwnCode(before, match[0], after)) continue;
    const isLimit = limitAfter.test(after) || lastAt(before, limitBefore) > lastAt(before, countBefore);
    amounts.push({ value, before, around: before + after, isLimit: sign.test(before) ? "sign" : isLimit });
  }
  // A lone number in brackets at the end is the error's own.
  return amounts.length === 1 && /(?<!上限|最大|限制)\(\d{3,5}\)\s?$/u.test(text) ? [] : amounts;
}

/** MiniMax's, behind what it says: "too long (2013), tokens: …" */
function isOwnCode(before: string, word: string, after: string): boolean {
  return /too (?:long|large) ?\($/iu.test(before) && /^[12]\d{3}$/u.test(word) && after.startsWith(")");
}

function valueOf(word: string): number {
  const unit = /[kK]$/u.test(word) ? 1_000 : word.endsWith("M") ? 1_000_000 : 1;
  const digits = word.replaceAll(/[,_kKM\s'’]/gu, "");
  const isGrouped = /^\d{1,3}(?:\.\d{3})+$/u.test(digits);
  return Math.round(Number.parseFloat(isGrouped ? digits.replaceAll(".", "") : digits) * unit);
}

function lastAt(text: string, words: RegExp): number {
  return [...text.matchAll(words)].at(-1)?.index ?? -1;
}
