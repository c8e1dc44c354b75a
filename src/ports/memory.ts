import type { Listing } from "../domain/archived-conversation.ts";
import type { ConversationKey } from "../domain/conversation.ts";
import type { ConversationMemory } from "../domain/conversation-memory.ts";

/** What reading a memory gave. */
export interface MemoryRead {
  /** Missing for a conversation that was never remembered. */
  readonly memory?: ConversationMemory;
  /** There is a record, and it can't be read: whoever holds the conversation sets it aside. See Journal. */
  readonly isUnreadable?: true;
  /** The hot store has no record of it, or an older one: it comes from the archive. See Journal.restore. */
  readonly archived?: Archived;
}

/** What else the archive knows of a memory that was read from it. */
export interface Archived {
  /** The revision that the archive has. */
  readonly syncedRevision: number;
  /** Missing: it is not listed, or nobody knows how. */
  readonly listing?: Listing;
}

/** Reads working memory. Writing is the finish of a turn: see Journal. */
export interface Memory {
  /**
   * An outage is never an empty memory.
   * @throws {MemoryError} when the store can't be asked within its deadline.
   */
  readonly read: (conversation: ConversationKey, signal: AbortSignal) => Promise<MemoryRead>;
  /** From now on a conversation, or each of them, is compared with the archive when it is read next. */
  readonly recheck?: (conversation?: ConversationKey) => void;
}

/** The store of working memory can't be reached. */
export class MemoryError extends Error {
  override readonly name = "MemoryError";
}
