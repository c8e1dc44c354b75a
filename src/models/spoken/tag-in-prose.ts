import { thinksAloud } from "./thinking-aloud.ts";

/** So much behind a tag tells whether a sentence goes on. */
export const tellingChars = 24;
/** And so much before it what it belongs to. */
export const mostBefore = 12;

/** The tag that ends thoughts may stand between. */
const goesOn = /^(?:\s?(?:…|\.{3})?\s?<\/\w{1,20}>)?(?: \p{Ll}| ?[,:;)–—])/u;
const told =
  /^(?: ?(?:…|\.{3})? ?<\/\w{1,20}>)? (?:(?:and|or) <\/\w|(?:tags?|tokens?|elements?|markers?|blocks?)\b|(?:is|are|was|ist|est|es) (?:an?|one|used|how|what|where|ein|une?)\b)/u;
/** Words that stand before a thing, and at the end of no thought. */
const leadsTo = /(?:^|\s)(?:and|or|with|by|to|until|the|an?|und|oder|mit|et|ou|avec|y|o|con|e) $/iu;
const verb = /^ ?(?:tags?|tokens?|is|are|was|closes?|ends?|marks?|means|stands|comes|follows)\b/u;

/**
 * What an opening tag for thoughts is at the beginning of an answer, by what follows it: "told" where a sentence tells
 * about it, "open" where one goes on behind it, which the end of the answer decides. Undefined: more of it decides.
 */
export function opensProse(after: string, isLast: boolean): "told" | "open" | "no" | undefined {
  const isShort = after.length < tellingChars && !isLast;
  if (isShort && /^(?:[ .…]{0,4}|\s?(?:…|\.{3})?\s?<(?:\/\w{0,20}>? ?)?)$/u.test(after)) return undefined;
  if (!goesOn.test(after)) return "no";
  if (isShort) return undefined;
  if (told.test(after)) return "told";
  return thinksAloud(after.trimStart(), true) === true ? "no" : "open";
}

/** Whether a sentence speaks of an end tag, between what stands before it and what follows. */
export function isInProse(before: string, after: string): boolean {
  if (after.startsWith("\n")) return false;
  return leadsTo.test(before.slice(-mostBefore)) || verb.test(after) || /^[,;:.)]/u.test(after);
}
