import type { Listing } from "../domain/archived-conversation.ts";
import type { ConversationKey } from "../domain/conversation.ts";

/** A conversation with changes that are not synced to the archive yet. */
export interface PendingSync {
  readonly conversation: ConversationKey;
  /** The memory revision that the archive has. 0: none. */
  readonly syncedRevision: number;
}

/** The conversations that wait for a sync to the archive. Journal.finish adds them, in its atomic write. */
export interface Outbox {
  /** Longest pending first. */
  readonly pending: (limit: number, signal: AbortSignal) => Promise<readonly PendingSync[]>;
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
}
