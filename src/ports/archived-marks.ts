import type { ConversationKey } from "../domain/conversation.ts";

/** Marks of the conversations that only the archive has, kept in the hot store. */
export interface ArchivedMarks {
  /** Those of the conversations that the hot store has no record of. @throws {StoreError} */
  readonly missing: (
    conversations: readonly ConversationKey[],
    signal: AbortSignal,
  ) => Promise<readonly ConversationKey[]>;
  /** Whether the archive may have the conversation. Only for conversations without a hot memory. @throws {StoreError} */
  readonly mayBeArchived: (conversation: ConversationKey, signal: AbortSignal) => Promise<boolean>;
  /** Marks the conversations as archived, except those that the hot store has a record of. @throws {StoreError} */
  readonly mark: (conversations: readonly ConversationKey[], signal: AbortSignal) => Promise<void>;
  /** Whether every archived conversation is marked. False for a new or emptied store. @throws {StoreError} */
  readonly isComplete: (signal: AbortSignal) => Promise<boolean>;
  /** Records that every archived conversation is marked. @throws {StoreError} */
  readonly markComplete: (signal: AbortSignal) => Promise<void>;
}
