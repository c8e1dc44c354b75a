import { isToldAbout } from "./end-tag.ts";
import type { Meaning } from "./mark.ts";
import type { Shown } from "./shown.ts";

/** What a mark in the midst of an answer does there. "content": it is shown. */
export type Reach = "content" | "thoughts" | "withdraw" | "call" | "header" | "over" | "wrapping";

interface Midst {
  /** What follows the mark, as far as it is known; some characters are enough. */
  readonly after: string;
  readonly shown: Shown;
  readonly isLast: boolean;
  /** Something was called before it. */
  readonly hasCalled: boolean;
}

/** Undefined: more of the text decides. */
export function reachOf(mark: string, meaning: Meaning, midst: Midst): Reach | undefined {
  const { after, shown, isLast, hasCalled } = midst;
  const { code } = shown;
  if (code.isInside) return "content";
  switch (meaning.kind) {
    case "thoughts":
      if (meaning.isMark) return "thoughts";
      if (after === "" && !isLast) return undefined;
      // A tag on a line of its own; other tags may be what the answer shows.
      return isAlone(midst) && /^<think(?:ing)?>$/iu.test(mark) ? "thoughts" : "content";
    case "thoughts-end":
      if (after === "" && !isLast) return undefined;
      if (isAlone(midst)) return "withdraw";
      if (shown.hasTag || (shown.hasText && isToldAbout(code.last, after))) return "content";
      return "withdraw";
    case "call":
      if (meaning.isMark) return "call";
      if (after.trim() === "" && after.length < mostAfter && !isLast) return undefined;
      if (/^\n\w{0,18}$/u.test(after) && !isLast) return undefined;
      return /^(?:\s{0,19}[[{<]|[\w\p{L}]|\n\w{1,18}\()/u.test(after) ? "call" : "content";
    case "call-end":
      return hasCalled ? "wrapping" : "content";
    case "call-result":
      return hasCalled ? "over" : "content";
    case "last":
      if (after === "" && !isLast) return undefined;
      return after.trim() === "" && isLast ? "over" : "content";
    case "header":
    case "over":
    case "wrapping":
      return meaning.kind;
  }
}

/** So much of what follows a mark is looked at. */
export const mostAfter = 20;

/** It has a line for itself, which is no code. */
function isAlone({ after, shown: { code } }: Midst): boolean {
  return code.isLineStart && !code.isIndented && after.startsWith("\n");
}
