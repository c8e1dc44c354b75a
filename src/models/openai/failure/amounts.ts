/** A number of tokens in a text. */
export interface Amount {
  readonly value: number;
  /** The text before it, back to the previous number. */
  readonly before: string;
  /** `before`, and the text after it, up to the next number. */
  readonly around: string;
  /** Words say that it is an upper limit; `sign`: `<=` or `>` says so. */
  readonly isLimit: boolean | "sign";
}

/** Smaller numbers are versions, positions or times. */
const least = 64;
const maxBefore = 60;
const maxAfter = 24;
const maxAmounts = 24;
/** "32768", "32,768", "32_768", "32 768", "32.768", "8192.0", "32k", "128 K", "1M", and the end of "1-4095"; not dates. */
const number =
  /(?:(?<![\p{L}\p{N}_#.-])|(?<=(?<![\p{L}\p{N}_#.-])[01]-))(?!0)(?:\d{1,3}(?:[ '’.]\d{3}){1,3}(?!\d)|\d[\d,_]{0,12}(?:\.\d{1,3})?)(?:\s?[kKM])?(?![\p{L}\p{N}_]|-\d)/gu;
/** A number after these is not a token count, or counts the excess. */
const other = /(?:\b(?:code|status|http|error|id)\W{0,4}|\bby (?:about |over )?|batch size\W{0,3})$/iu;
const limitBefore =
  /limit|max(?!_(?:completion_|output_|new_)?tokens)|上限|最大|context|window|n_ctx|supports|at most|up to|less than|lower than|exceeds?\b|longer than|greater than|larger than|allowed|available|<=|>|capacity|range|afford/giu;
const countBefore =
  /request|contain|given|received|resulted|provided|prompt|input|messages|current|too large:|count of|total/giu;
const sign = /(?:<=|>)\s?$/u;
const limitAfter = /^[^\w,;:.]{0,3}(?:tokens?[^\w,;:.]{1,3})?(?:max|limit|allowed|context)/iu;

/** The token counts in a server's text about lengths, in order. */
export function amountsIn(text: string): readonly Amount[] {
  const matches = [...text.matchAll(number)].slice(0, maxAmounts);
  const amounts: Amount[] = [];
  let end = 0;
  for (const [index, match] of matches.entries()) {
    const before = text.slice(Math.max(end, match.index - maxBefore), match.index);
    end = match.index + match[0].length;
    const after = text.slice(end, Math.min(matches[index + 1]?.index ?? text.length, end + maxAfter));
    const value = valueOf(match[0]);
    if (value < least || other.test(before) || isOwnCode(before, match[0], after)) continue;
    const isLimit = limitAfter.test(after) || lastAt(before, limitBefore) > lastAt(before, countBefore);
    amounts.push({ value, before, around: before + after, isLimit: sign.test(before) ? "sign" : isLimit });
  }
  // A single number in brackets at the end is an error code.
  return amounts.length === 1 && /(?<!上限|最大|限制)\(\d{3,5}\)\s?$/u.test(text) ? [] : amounts;
}

/** MiniMax's error code: "too long (2013), tokens: …" */
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
