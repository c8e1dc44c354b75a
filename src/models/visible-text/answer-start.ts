import { isAnswerStart } from "./answer-tag.ts";
import { startsWithCall } from "./call-start.ts";
import { markerAtStart, meaningOf, unfinished } from "./marker.ts";
import { opensProse, contextChars } from "./tag-in-prose.ts";

/** The start of a text: what to leave out, and what follows. */
export interface AnswerStart {
  readonly length: number;
  readonly next: "begin" | "thoughts" | "bare" | "maybe-call" | "mention" | "text";
  /** The only tag that ends the thoughts. */
  readonly closing?: string | undefined;
}

interface Situation {
  /** Names of the tools. */
  readonly tools: readonly string[];
  /** Thoughts came before it. */
  readonly hasThought: boolean;
  /** The text is complete. */
  readonly isLast: boolean;
}

const openedTurns = [
  // Harmony without markers.
  "assistantfinal",
  "<|im_start|>assistant",
  "<|start_header_id|>assistant<|end_header_id|>",
  "<start_of_turn>model",
];
/** A Harmony header without its markers. */
const bareHeader = "analysis";

/** Classifies the start of a text. Undefined: more text is needed. @param text - without leading white space */
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
  if (isProse) return { length: 0, next: "mention" };
  return { length: marker.length, next: "thoughts", closing: meaning.closing };
}
