import { isAnswerStart } from "./answer-tag.ts";
import { startsWithCall } from "./call-start.ts";
import { markerAtStart, meaningOf, unfinished } from "./marker.ts";
import { opensProse, contextChars } from "./tag-in-prose.ts";

/** What a text begins with: something to leave out, and what follows it. */
export interface AnswerStart {
  readonly length: number;
  readonly next: "begin" | "thoughts" | "bare" | "maybe-call" | "told" | "text";
  /** The tag that alone ends the thoughts. */
  readonly closing?: string | undefined;
}

interface Situation {
  /** Names of what may be called. */
  readonly tools: readonly string[];
  /** Thoughts stood before it. */
  readonly hasThought: boolean;
  /** No more text comes. */
  readonly isLast: boolean;
}

const openedTurns = [
  // Harmony's, without its markers.
  "assistantfinal",
  "<|im_start|>assistant",
  "<|start_header_id|>assistant<|end_header_id|>",
  "<start_of_turn>model",
];
/** A header of the Harmony format whose markers the server has taken out. */
const bareHeader = "analysis";

/** Undefined: more of the text decides. @param text Without white space at its beginning. */
export function readAnswerStart(
  text: string,
  { tools, hasThought, isLast }: Situation,
): AnswerStart | undefined {
  const opened = openedTurns.find((each) => text.startsWith(each));
  if (opened !== undefined) return { length: opened.length, next: "begin" };
  if (!isLast && [...openedTurns, bareHeader].some((each) => each.startsWith(text))) return undefined;
  if (/^analysis[a-z"'“]/iu.test(text)) return { length: 0, next: "bare" };
  const call = startsWithCall(text, tools, isLast);
  if (call !== "no") return call === "yes" ? { length: 0, next: "maybe-call" } : undefined;
  const marker = markerAtStart(text);
  if (marker === unfinished && !isLast) return undefined;
  if (marker === undefined || marker === unfinished) return { length: 0, next: "text" };
  if (hasThought && isAnswerStart(marker)) return { length: marker.length, next: "begin" };
  const meaning = meaningOf(marker);
  if (meaning?.kind === "wrapping") return { length: marker.length, next: "begin" };
  if (meaning?.kind !== "thoughts") return { length: 0, next: "text" };
  const isProse =
    !meaning.isToken && opensProse(text.slice(marker.length, marker.length + contextChars), isLast);
  if (isProse === undefined) return undefined;
  if (isProse) return { length: 0, next: "told" };
  return { length: marker.length, next: "thoughts", closing: meaning.closing };
}
