import type { Listing } from "../domain/archived-conversation.ts";
import type { ConversationKey } from "../domain/conversation.ts";

/** A conversation with changes that are not synced to the archive yet. */
export interface PendingSync {
  readonly conversation: ConversationKey;
  /** The memory revision that the archive has. 0: none. */
  readonly syncedRevision: number;
}

/** What the archive has of a conversation, and how it is listed now. */
export interface OutboxState {
  /** See PendingSync. */
  readonly syncedRevision: number;
  /** Missing: it is not listed. */
  readonly listing?: Listing;
}

/** A conversation in the state that the archive now has. */
interface Synced {
  readonly conversation: ConversationKey;
  readonly revision: number;
  /** At most so many locations of its messages are still needed. */
  readonly locations: number;
}

/** The conversations that wait for a sync to the archive. Journal.finish adds them, in its atomic write. */
export interface Outbox {
  /** Longest pending first. */
  readonly pending: (limit: number, signal: AbortSignal) => Promise<readonly PendingSync[]>;
  /** The conversations of `pending`. */
  readonly pendingKeys: (limit: number, signal: AbortSignal) => Promise<readonly ConversationKey[]>;
  /** The state of each, in the given order. */
  readonly states: (
    conversations: readonly ConversationKey[],
    signal: AbortSignal,
  ) => Promise<readonly OutboxState[]>;
  /** How the conversation is listed now. Undefined: it is not listed. */
  readonly listing: (conversation: ConversationKey, signal: AbortSignal) => Promise<Listing | undefined>;
  /**
   * Records that the archive has everything up to this memory revision. The conversation stays pending if memory has a newer
   * revision. A lower revision than recorded before has no effect.
   */
  readonly markSynced: (
    conversation: ConversationKey,
    revision: number,
    signal: AbortSignal,
  ) => Promise<void>;
  /**
   * Like `markSynced`, for several conversations. Returns those of the newest revision that have more locations than are
   * needed: see Eviction.dropLocations.
   */
  readonly markAllSynced: (
    synced: readonly Synced[],
    signal: AbortSignal,
  ) => Promise<readonly ConversationKey[]>;
}
