import type { Turn, Lease } from "../../domain/turn.ts";
import type { InboxEntry } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";

/** A conversation whose next turn can't be taken now. */
export interface ClaimedConversation {
  readonly lease: Lease;
  /** The turn that an earlier attempt left. */
  readonly running: Turn | undefined;
  /** See Taken. */
  readonly isShared: boolean;
  readonly waiting: readonly InboxEntry[];
  /** See Taken. */
  readonly syncedRevision: number;
  /** What is remembered. @throws {MemoryError} */
  readonly before: () => Promise<ConversationMemory>;
}
