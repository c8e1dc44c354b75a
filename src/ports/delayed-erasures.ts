import type { ConversationKey } from "../domain/conversation.ts";
import type { ConversationLocation } from "../domain/archive.ts";

/** An erasure that can be undone until `untilMs`: messages below the ordinal are hidden now, and erased then. */
export interface DelayedErasure extends ConversationLocation {
  readonly beforeOrdinal: number;
  /** When the command was given. */
  readonly orderedAtMs: number;
  readonly untilMs: number;
}

/** The index of all delayed erasures. Each is also recorded in its conversation's memory. */
export interface DelayedErasures {
  /** Adds an erasure, or replaces that of the same conversation. @throws {StoreError} */
  readonly put: (erasure: DelayedErasure, signal: AbortSignal) => Promise<void>;
  /** Removes an erasure that was undone or is complete. Idempotent. @throws {StoreError} */
  readonly drop: (conversation: ConversationKey, signal: AbortSignal) => Promise<void>;
  /** Erasures with `untilMs` in the past, longest overdue first. @throws {StoreError} */
  readonly due: (nowMs: number, limit: number, signal: AbortSignal) => Promise<readonly DelayedErasure[]>;
  /** Erasure cutoff (ordinal) per conversation. Conversations without a delayed erasure are absent. @throws {StoreError} */
  readonly cutoffs: (
    conversations: readonly ConversationKey[],
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<ConversationKey, number>>;
}
