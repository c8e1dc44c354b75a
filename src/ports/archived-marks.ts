import type { ConversationKey } from "../domain/conversation.ts";

/** Which conversations the hot store has a record of: the others rest in the archive, or are lost. */
export interface ArchivedMarks {
  /** Those of these conversations that the hot store has no record of. @throws {StoreError} */
  readonly missing: (
    conversations: readonly ConversationKey[],
    signal: AbortSignal,
  ) => Promise<readonly ConversationKey[]>;
  /** Whether the archive may have a conversation of which the hot store has no memory. @throws {StoreError} */
  readonly mayBeArchived: (conversation: ConversationKey, signal: AbortSignal) => Promise<boolean>;
  /** Notes that these rest, unless the hot store has a record of them. @throws {StoreError} */
  readonly mark: (conversations: readonly ConversationKey[], signal: AbortSignal) => Promise<void>;
  /** Whether all that rest are marked. False for a store that is new, or was emptied. @throws {StoreError} */
  readonly isComplete: (signal: AbortSignal) => Promise<boolean>;
  /** All that rest are marked. @throws {StoreError} */
  readonly markComplete: (signal: AbortSignal) => Promise<void>;
}
