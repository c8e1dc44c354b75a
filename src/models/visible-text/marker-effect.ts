import { isMentioned } from "./end-tag.ts";
import type { MarkerMeaning } from "./marker.ts";
import type { VisiblePart } from "./visible-part.ts";

/** The effect of a marker inside an answer. "content": it is shown. */
export type MarkerEffect = "content" | "thoughts" | "withdraw" | "call" | "header" | "over" | "wrapping";

interface MarkerPlace {
  /** The known text after the marker; some characters are enough. */
  readonly after: string;
  readonly shown: VisiblePart;
  readonly isLast: boolean;
  /** A call came before it. */
  readonly hasCalled: boolean;
}

/** Undefined: more text is needed. */
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
      // Only a tag on a separate line. Other tags may be content.
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

/** Characters after a marker that are inspected. */
export const maxAfterChars = 20;

/** The marker is alone on its line, and the line is not code. */
function isAlone({ after, shown: { code } }: MarkerPlace): boolean {
  return code.isLineStart && !code.isIndented && after.startsWith("\n");
}
