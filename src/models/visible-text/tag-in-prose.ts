import { soundsLikeThinking } from "./sounds-like-thinking.ts";

/** So much behind a tag tells whether a sentence goes on. */
export const contextChars = 24;
/** And so much before it what it belongs to. */
export const maxBeforeChars = 12;

/** The tag that ends thoughts may stand between. */
const goesOn = /^(?:\s?(?:…|\.{3})?\s?<\/\w{1,20}>)?(?: \p{Ll}| ?[,:;)–—])/u;
/** Words that stand before a thing, and at the end of no thought. */
const leadsTo = /(?:^|\s)(?:and|or|with|by|to|until|the|an?|und|oder|mit|et|ou|avec|y|o|con|e) $/iu;
const verb = /^ ?(?:tags?|tokens?|is|are|was|closes?|ends?|marks?|means|stands|comes|follows)\b/u;

/**
 * Whether a sentence goes on behind an opening tag for thoughts at the beginning of an answer. Then the answer may tell
 * about the tag, which its end decides. Undefined: more of it decides.
 */
export function opensProse(after: string, isLast: boolean): boolean | undefined {
  const isShort = after.length < contextChars && !isLast;
  if (isShort && /^(?:[ .…]{0,4}|\s?(?:…|\.{3})?\s?<(?:\/\w{0,20}>? ?)?)$/u.test(after)) return undefined;
  if (!goesOn.test(after)) return false;
  return isShort ? undefined : soundsLikeThinking(after.trimStart(), true) !== true;
}

/** Whether a sentence speaks of an end tag, between what stands before it and what follows. */
export function isInProse(before: string, after: string): boolean {
  if (after.startsWith("\n")) return false;
  return leadsTo.test(before.slice(-maxBeforeChars)) || verb.test(after) || /^[,;:.)]/u.test(after);
}
