import { meaningOf } from "./marker.ts";
import { isInProse } from "./tag-in-prose.ts";

/** What is not shown: thoughts, what may turn out to be thoughts or the answer, a call, or something else. */
export interface Hidden {
  readonly state: "thoughts" | "held" | "call" | "aside" | "over";
  /** The tag that alone ends it. */
  readonly closing: string | undefined;
  /** The answer may have begun with a tag of which it tells. */
  readonly mayTell: boolean;
  /** The answer comes as messages in OpenAI's Harmony format. */
  readonly hasMessages: boolean;
}

/** What a marker in it does. "keep": nothing. @param before What stands before the marker, as far as it is known. */
export function hiddenMarkerEffect(
  marker: string,
  { before, after }: { readonly before: string; readonly after: string },
  { state, closing, mayTell, hasMessages }: Hidden,
): "keep" | "header" | "thoughts-end" | "call-end" {
  const kind = meaningOf(marker)?.kind;
  if (kind === "header" && hasMessages) return "header";
  const isClosing = marker.toLowerCase() === closing;
  if (state === "call") return isClosing || (hasMessages && kind === "over") ? "call-end" : "keep";
  if (state !== "thoughts" && state !== "held") return "keep";
  if (closing === undefined ? kind !== "thoughts-end" : !isClosing) return "keep";
  const isQuoted = before.at(-1) === after[0] && /["'`]/u.test(after.charAt(0));
  return isQuoted || (mayTell && isInProse(before, after)) ? "keep" : "thoughts-end";
}
