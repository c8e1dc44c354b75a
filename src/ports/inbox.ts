import type { ConversationKey } from "../domain/conversation.ts";
import type { Inbound, InboxEntry } from "../domain/inbound.ts";

/**
 * `stored`: it is durable now. `duplicate`: it was stored before, or the message was deleted already.
 * `ignored`: it is not addressed to the bot and belongs to no known conversation, so it was dropped.
 */
export type Acceptance = "stored" | "duplicate" | "ignored";

/** The longest postponement of a conversation. */
export const maxPostponementMs = 3_600_000;

/** The inboxes of all conversations: stored inbounds that no finished turn covers yet. */
export interface Inbox {
  /**
   * Stores an inbound in one atomic write: dedupe for 24 hours, inbox entry, directory entry, and the location of its
   * message. An inbound that may not begin a conversation (`InboundFacts.opens`) is stored only if the conversation exists
   * here, or the core says that it does (`isKnown`): the archive knows it, or the reply mode lets this message begin it.
   * @throws {InboxError} when nothing was stored.
   */
  readonly accept: (
    inbound: Inbound,
    nowMs: number,
    signal: AbortSignal,
    isKnown?: boolean,
  ) => Promise<Acceptance>;
  /**
   * The oldest entries, oldest first, limited in number and characters to what one turn can cover. Unreadable entries are
   * quarantined, reported and left out. `afterSeq`: only entries after this one. Missing: from the oldest on.
   */
  readonly waiting: (
    conversation: ConversationKey,
    signal: AbortSignal,
    afterSeq?: number,
  ) => Promise<readonly InboxEntry[]>;
  /**
   * Whether an accepted inbound set this dedupe mark in the last 24 hours: a deletion does it also where its conversation is
   * unknown (see InboundFacts). @throws {StoreError}
   */
  readonly isMarked: (mark: string, signal: AbortSignal) => Promise<boolean>;
  /**
   * The conversations with waiting entries that are not postponed beyond `nowMs`, longest waiting first. A postponement of
   * more than `maxPostponementMs` comes from a clock that was set back since; it is ignored.
   */
  readonly due: (nowMs: number, signal: AbortSignal) => Promise<readonly ConversationKey[]>;
  /** Keeps the conversation out of `due` until then. */
  readonly postpone: (conversation: ConversationKey, untilMs: number, signal: AbortSignal) => Promise<void>;
  /** Deletes dedupe marks from before `beforeMs`. */
  readonly dropDedupeMarks: (beforeMs: number, signal: AbortSignal) => Promise<void>;
}

/** The inbox can't be read or written. */
export class InboxError extends Error {
  override readonly name = "InboxError";
}
