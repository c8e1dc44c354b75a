import { isMentioned } from "./end-tag.ts";
import type { MarkerMeaning } from "./marker.ts";
import type { VisiblePart } from "./visible-part.ts";

/** What a marker in the midst of an answer does there. "content": it is shown. */
export type MarkerEffect = "content" | "thoughts" | "withdraw" | "call" | "header" | "over" | "wrapping";

interface MarkerPlace {
  /** What follows the marker, as far as it is known; some characters are enough. */
  readonly after: string;
  readonly shown: VisiblePart;
  readonly isLast: boolean;
  /** Something was called before it. */
  readonly hasCalled: boolean;
}

/** Undefined: more of the text decides. */
export function effectOf(
  marker: string,
  meaning: MarkerMeaning,
  midst: MarkerPlace,
): MarkerEffect | undefined {
  const { after, shown, isLast, hasCalled } = midst;
  const { code } = shown;
  if (code.isInside) return "content";
  switch (meaning.kind) {
    case "thoughts":
      if (meaning.isToken) return "thoughts";
      if (after === "" && !isLast) return undefined;
      // A tag on a line of its own; other tags may be what the answer shows.
      return isAlone(midst) && /^<think(?:ing)?>$/iu.test(marker) ? "thoughts" : "content";
    case "thoughts-end":
      if (after === "" && !isLast) return undefined;
      if (isAlone(midst)) return "withdraw";
      if (shown.hasTag || (shown.hasText && isMentioned(code.last, after))) return "content";
      return "withdraw";
    case "call":
      if (meaning.isToken) return "call";
      if (after.trim() === "" && after.length < maxAfterChars && !isLast) return undefined;
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

/** So much of what follows a marker is looked at. */
export const maxAfterChars = 20;

/** It has a line for itself, which is no code. */
function isAlone({ after, shown: { code } }: MarkerPlace): boolean {
  return code.isLineStart && !code.isIndented && after.startsWith("\n");
}
