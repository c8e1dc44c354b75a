import type { ConversationKey } from "../domain/conversation.ts";
import type { ConversationLocation } from "../domain/archive.ts";

/** A conversation whose messages before an ordinal are forgotten, and erased later: until then that can be undone. */
export interface DelayedErasure extends ConversationLocation {
  readonly beforeOrdinal: number;
  readonly orderedAtMs: number;
  readonly untilMs: number;
}

/** What is forgotten already and not erased yet. The memory of a conversation says so too; this finds them all. */
export interface DelayedErasures {
  /** Replaces one of the same conversation. @throws {StoreError} */
  readonly put: (erasure: DelayedErasure, signal: AbortSignal) => Promise<void>;
  /** It was undone, or is done. @throws {StoreError} */
  readonly drop: (conversation: ConversationKey, signal: AbortSignal) => Promise<void>;
  /** Those whose time is up, the longest first. @throws {StoreError} */
  readonly due: (nowMs: number, limit: number, signal: AbortSignal) => Promise<readonly DelayedErasure[]>;
  /** Below which ordinal these conversations are forgotten; the others are not in it. @throws {StoreError} */
  readonly cutoffs: (
    conversations: readonly ConversationKey[],
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<ConversationKey, number>>;
}
