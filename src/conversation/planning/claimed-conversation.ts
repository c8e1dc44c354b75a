import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { InboxEntry } from "../../domain/inbound.ts";
import type { MemorySnapshot } from "../../ports/memory.ts";
import type { Lease, Turn } from "../../domain/turn.ts";

/** A conversation that this process has claimed, with its waiting entries. */
export interface ClaimedConversation {
  readonly lease: Lease;
  /** The unfinished turn of an earlier claim. */
  readonly running: Turn | undefined;
  /** See Claim. */
  readonly isShared: boolean;
  /** Oldest first, never empty. */
  readonly waiting: readonly InboxEntry[];
  /** See Claim. */
  readonly syncedRevision: number;
  /** See Claim. */
  readonly snapshot?: MemorySnapshot | undefined;
  /** Reads the memory before this turn. @throws {MemoryError} */
  readonly before: () => Promise<ConversationMemory>;
}
