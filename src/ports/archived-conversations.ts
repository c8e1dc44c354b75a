import type { ArchivedConversation } from "../domain/archived-conversation.ts";
import type { ConversationKey, DirectoryEntry } from "../domain/conversation.ts";
import type { ConversationLocation } from "../domain/archive.ts";
import type { Message, MessageId } from "../domain/message.ts";

/** What the archive knows about whole conversations, for those that the hot store has no record of. */
export interface ArchivedConversations {
  /** Undefined if the conversation was never synced. Reads a few rows, independent of its size. @throws {ArchiveError} */
  readonly findConversation: (
    conversation: ConversationKey,
    signal: AbortSignal,
  ) => Promise<ArchivedConversation | undefined>;
  /** Which of the messages the archive neither has nor would refuse as erased. @throws {ArchiveError} */
  readonly findMissing: (
    location: ConversationLocation,
    messages: readonly Message[],
    signal: AbortSignal,
  ) => Promise<readonly MessageId[]>;
  /** Like Directory.locate, but knows only the first post of a reply. @throws {ArchiveError} */
  readonly locate: (
    platform: string,
    place: string,
    message: MessageId,
    signal: AbortSignal,
  ) => Promise<ConversationKey | undefined>;
  /** The conversations of a place that have a message with this id; at most 1,000. @throws {ArchiveError} */
  readonly conversationsWith: (
    platform: string,
    place: string,
    message: MessageId,
    signal: AbortSignal,
  ) => Promise<readonly ConversationKey[]>;
  /** Like Directory.recent. @throws {ArchiveError} */
  readonly recent: (
    platform: string,
    place: string,
    limit: number,
    signal: AbortSignal,
  ) => Promise<readonly DirectoryEntry[]>;
  /** The archived conversations with a key above `after`, by key. @throws {ArchiveError} */
  readonly keysAfter: (
    after: string,
    limit: number,
    signal: AbortSignal,
  ) => Promise<readonly ConversationKey[]>;
  /**
   * Removes the heads of conversations that have no messages left, and no activity since `beforeMs`; at most `limit`.
   * Returns their keys. @throws {ArchiveError}
   */
  readonly expireHeads: (
    beforeMs: number,
    limit: number,
    signal: AbortSignal,
  ) => Promise<readonly ConversationKey[]>;
  /** Like Directory.rename. @throws {ArchiveError} */
  readonly rename: (conversation: ConversationKey, title: string, signal: AbortSignal) => Promise<void>;
}
