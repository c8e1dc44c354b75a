import type { ConversationKey } from "../domain/conversation.ts";
import type { Recollection } from "../domain/recollection.ts";

/** What reading a memory gave. */
export interface Recall {
  /** Missing for a conversation that was never remembered. */
  readonly recollection?: Recollection;
  /** There is a record, and it can't be read: whoever holds the conversation sets it aside. See Journal. */
  readonly isUnreadable?: true;
}

/** Reads working memory. Writing is the finish of a turn: see Journal. */
export interface Memory {
  /**
   * An outage is never an empty memory.
   * @throws {MemoryError} when the store can't be asked within its deadline.
   */
  readonly recall: (conversation: ConversationKey, signal: AbortSignal) => Promise<Recall>;
}

/** The store of working memory can't be reached. */
export class MemoryError extends Error {
  override readonly name = "MemoryError";
}
