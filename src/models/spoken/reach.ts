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
}

/** Undefined: more of the text decides. */
export function reachOf(mark: string, meaning: Meaning, midst: Midst): Reach | undefined {
  const { after, shown, isLast } = midst;
  const { code } = shown;
  if (code.isInside) return "content";
  switch (meaning.kind) {
    case "thoughts":
      if (meaning.isMark) return "thoughts";
      if (after === "" && !isLast) return undefined;
      // A tag on a line of its own; other tags may be what the answer shows.
      return code.isLineStart && after.startsWith("\n") && /^<think(?:ing)?>$/iu.test(mark)
        ? "thoughts"
        : "content";
    case "thoughts-end":
      if (after === "" && !isLast) return undefined;
      if (shown.hasTag || (shown.hasText && isToldAbout(code.last, after))) return "content";
      return "withdraw";
    case "call":
      if (meaning.isMark) return "call";
      if (after.trim() === "" && after.length < mostAfter && !isLast) return undefined;
      return /^(?:\s{0,19}[[{<]|\w)/u.test(after) ? "call" : "content";
    case "header":
    case "over":
    case "wrapping":
      return meaning.kind;
  }
}

/** So much of what follows a mark is looked at. */
export const mostAfter = 20;
