import type { Listing } from "../domain/archived-conversation.ts";
import type { ConversationKey } from "../domain/conversation.ts";

/** A conversation of which the ledger does not know all. */
export interface PendingSync {
  readonly conversation: ConversationKey;
  /** The revision of its memory that the ledger has. 0: none. */
  readonly syncedRevision: number;
}

/** Which conversations the ledger does not know all of. Written by finish, in the same atomic step. */
export interface Outbox {
  /** The longest unfiled first. */
  readonly pending: (limit: number, signal: AbortSignal) => Promise<readonly PendingSync[]>;
  /** How a conversation is listed now. Undefined: it is not listed. */
  readonly listing: (conversation: ConversationKey, signal: AbortSignal) => Promise<Listing | undefined>;
  /**
   * The ledger has everything up to this revision of the conversation's memory. It leaves the list unless there is a
   * newer revision; a lower revision than was filed before changes nothing.
   */
  readonly markSynced: (
    conversation: ConversationKey,
    revision: number,
    signal: AbortSignal,
  ) => Promise<void>;
}
