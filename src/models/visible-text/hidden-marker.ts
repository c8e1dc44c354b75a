import { meaningOf } from "./marker.ts";
import { isInProse } from "./tag-in-prose.ts";

/** The state inside hidden text. `held`: either thoughts or the answer. */
export interface Hidden {
  readonly state: "thoughts" | "held" | "call" | "aside" | "over";
  /** The only tag that ends it. */
  readonly closing: string | undefined;
  /** The answer may have begun by mentioning a tag. */
  readonly mayMention: boolean;
  /** The answer consists of messages in OpenAI's Harmony format. */
  readonly hasMessages: boolean;
}

/** The effect of a marker in hidden text. "keep": none. @param before - the known text before the marker */
export function hiddenMarkerEffect(
  marker: string,
  { before, after }: { readonly before: string; readonly after: string },
  { state, closing, mayMention, hasMessages }: Hidden,
): "keep" | "header" | "thoughts-end" | "call-end" {
  const kind = meaningOf(marker)?.kind;
  if (kind === "header" && hasMessages) return "header";
  const isClosing = marker.toLowerCase() === closing;
  if (state === "call") return isClosing || (hasMessages && kind === "over") ? "call-end" : "keep";
  if (state !== "thoughts" && state !== "held") return "keep";
  if (closing === undefined ? kind !== "thoughts-end" : !isClosing) return "keep";
  const isQuoted = before.at(-1) === after[0] && /["'`]/u.test(after.charAt(0));
  return isQuoted || (mayMention && isInProse(before, after)) ? "keep" : "thoughts-end";
}
