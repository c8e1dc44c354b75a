import { soundsLikeThinking } from "./sounds-like-thinking.ts";

/** Characters after a tag that show whether a sentence continues. */
export const contextChars = 24;
/** Characters before a tag that are inspected. */
export const maxBeforeChars = 12;

/** The end tag may come in between. */
const goesOn = /^(?:\s?(?:…|\.{3})?\s?<\/\w{1,20}>)?(?: \p{Ll}| ?[,:;)–—])/u;
/** Words that never end a thought. */
const leadsTo = /(?:^|\s)(?:and|or|with|by|to|until|the|an?|und|oder|mit|et|ou|avec|y|o|con|e) $/iu;
const verb = /^ ?(?:tags?|tokens?|is|are|was|closes?|ends?|marks?|means|stands|comes|follows)\b/u;

/**
 * Whether a sentence continues after an opening tag at the start of an answer. Then the answer may be about the tag.
 * Undefined: more text is needed.
 */
export function opensProse(after: string, isLast: boolean): boolean | undefined {
  const isShort = after.length < contextChars && !isLast;
  if (isShort && /^(?:[ .…]{0,4}|\s?(?:…|\.{3})?\s?<(?:\/\w{0,20}>? ?)?)$/u.test(after)) return undefined;
  if (!goesOn.test(after)) return false;
  return isShort ? undefined : soundsLikeThinking(after.trimStart(), true) !== true;
}

/** Whether an end tag is part of a sentence, judging by the text around it. */
export function isInProse(before: string, after: string): boolean {
  if (after.startsWith("\n")) return false;
  return leadsTo.test(before.slice(-maxBeforeChars)) || verb.test(after) || /^[,;:.)]/u.test(after);
}
