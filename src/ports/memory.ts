import type { Listing } from "../domain/archived-conversation.ts";
import type { ConversationKey } from "../domain/conversation.ts";
import type { ConversationMemory } from "../domain/conversation-memory.ts";

/** The result of reading a memory. Empty for a conversation that was never remembered. */
export interface MemoryRead {
  /** Missing: never remembered, or unreadable. */
  readonly memory?: ConversationMemory;
  /** The record can't be parsed. The holder of the claim quarantines it: see Journal. */
  readonly isUnreadable?: true;
  /**
   * Of an unreadable memory: what can be read of it, without some of its messages or parts. It holds changes that the archive
   * may lack. Missing: nothing can be read.
   */
  readonly rest?: ConversationMemory;
  /** Set when `memory` comes from the archive, because the hot store has none or an older one. See Journal.restore. */
  readonly archived?: Archived;
}

/** What else the archive knows about a restored memory. */
export interface Archived {
  /** The memory revision that the archive has. */
  readonly syncedRevision: number;
  /** Missing: not listed, or unknown. */
  readonly listing?: Listing;
}

/** What the store had of a memory when its conversation was claimed. */
export interface MemorySnapshot {
  /** As it is stored; null: nothing. Only the store's own `Memory` knows its form. */
  readonly bytes: string | null;
  /** What this process held at that time: see HeldMemories. */
  readonly timesForgotten: number;
}

/** Reads conversation memories. Only the finish of a turn writes them: see Journal. */
export interface Memory {
  /**
   * Reads one memory. An outage throws and never looks like an empty memory. `snapshot`: what the claim read of it.
   * @throws {MemoryError} if the store does not answer within its deadline.
   */
  readonly read: (
    conversation: ConversationKey,
    signal: AbortSignal,
    snapshot?: MemorySnapshot,
  ) => Promise<MemoryRead>;
  /** Compares a conversation, or every one, with the archive at its next read. */
  readonly recheck?: (conversation?: ConversationKey) => void;
}

/** The memories of a hot store. */
export interface HotMemory extends Memory {
  /** Reads several, in the given order and in few round trips. @throws {MemoryError} */
  readonly readAll: (
    conversations: readonly ConversationKey[],
    signal: AbortSignal,
  ) => Promise<readonly MemoryRead[]>;
}

/** The memory store can't be reached. */
export class MemoryError extends Error {
  override readonly name = "MemoryError";
}
