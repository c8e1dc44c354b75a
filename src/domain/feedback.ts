import type { ConversationKey } from "./conversation.ts";
import type { TurnId } from "./message.ts";
import type { TurnRecord } from "./turn-record.ts";

/** What a person thinks of an answer. */
export type Verdict = "up" | "down";

/**
 * A person's verdict on the answer of a turn: one for each person and turn. It goes with the turn's record, and with its
 * author.
 */
export interface Feedback {
  readonly turn: TurnId;
  /** The Author's id of the person who gave it. */
  readonly author: string;
  readonly verdict: Verdict;
  /** Only of a thumbs-down. Empty: an earlier reason is void. Missing: an earlier reason stays. */
  readonly reason?: string;
  /** When the button was pressed, or the form sent. */
  readonly atMs: number;
  /** The memory's revision when it was given. */
  readonly revision: number;
}

/** Archived feedback, with the record of the turn that it is about. */
export interface RatedTurn extends Pick<Feedback, "author" | "verdict" | "atMs"> {
  /** Missing: none was given. */
  readonly reason?: string;
  readonly record: TurnRecord;
}

/** Which archived feedback to read. */
export interface FeedbackRange {
  /** Missing: of all conversations. */
  readonly conversation?: ConversationKey;
  readonly limit: number;
}

/**
 * What remains of two presses of one person under one answer: the newest counts. A thumbs-up voids the reason, and the same
 * thumb again changes nothing. The archive joins its own by the same rules.
 */
export function joinFeedback(before: Feedback, next: Feedback): Feedback {
  if (next.atMs < before.atMs || isRepeated(before, next)) return before;
  if (next.verdict === "up" || next.reason !== undefined) return next;
  // The reason that a thumbs-up voided stays void.
  return { ...next, reason: "" };
}

function isRepeated({ verdict }: Feedback, next: Feedback): boolean {
  return next.verdict === verdict && next.reason === undefined;
}
