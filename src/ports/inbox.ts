import type { ConversationKey } from "../domain/conversation.ts";
import type { Inbound, InboxEntry } from "../domain/inbound.ts";

/**
 * `stored`: it is safe now. `duplicate`: it was stored before, or is a message that has been deleted already.
 * `ignored`: it names nobody and belongs to no conversation that we know, so it was dropped unread.
 */
export type Acceptance = "stored" | "duplicate" | "ignored";

/** Nobody is postponed for longer. */
export const maxPostponementMs = 3_600_000;

/** What conversations have yet to take. */
export interface Inbox {
  /**
   * One atomic write: dedupe for 24 h, append, directory, and message id → conversation.
   * What is not addressed to the bot (`open`, `others`, edits, deletions, Stop) is appended only where the conversation
   * exists, or `isKnown` elsewhere. @throws {InboxError} and then nothing was stored.
   */
  readonly accept: (
    inbound: Inbound,
    nowMs: number,
    signal: AbortSignal,
    isKnown?: boolean,
  ) => Promise<Acceptance>;
  /**
   * The oldest that a turn can take, oldest first: in entries and in characters. Unreadable entries are set aside,
   * reported and not in it.
   */
  readonly waiting: (conversation: ConversationKey, signal: AbortSignal) => Promise<readonly InboxEntry[]>;
  /**
   * The conversations that wait and are not postponed beyond `nowMs`; the longest waiting first. Who is postponed for
   * longer than `longestPostponementMs` was so by a clock that has been put back since, and is due.
   */
  readonly due: (nowMs: number, signal: AbortSignal) => Promise<readonly ConversationKey[]>;
  /** The sweeper leaves the conversation alone until then. */
  readonly postpone: (conversation: ConversationKey, untilMs: number, signal: AbortSignal) => Promise<void>;
  /** Forgets dedupe marks older than that. */
  readonly dropDedupeMarks: (beforeMs: number, signal: AbortSignal) => Promise<void>;
}

/** The inbox can't be read or written. */
export class InboxError extends Error {
  override readonly name = "InboxError";
}
