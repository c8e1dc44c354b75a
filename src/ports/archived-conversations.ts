import type { ArchivedConversation } from "../domain/archived-conversation.ts";
import type { ConversationKey, DirectoryEntry } from "../domain/conversation.ts";
import type { ConversationLocation } from "../domain/archive.ts";
import type { Message, MessageId } from "../domain/message.ts";

/** What the archive knows of conversations as a whole, for when the hot store has no record of them. */
export interface ArchivedConversations {
  /** Undefined where nothing was ever synced. Reads a few rows, whatever the size. @throws {ArchiveError} */
  readonly findConversation: (
    conversation: ConversationKey,
    signal: AbortSignal,
  ) => Promise<ArchivedConversation | undefined>;
  /** Which of these messages of a conversation it neither has nor refuses as erased. @throws {ArchiveError} */
  readonly findMissing: (
    location: ConversationLocation,
    messages: readonly Message[],
    signal: AbortSignal,
  ) => Promise<readonly MessageId[]>;
  /** As Directory.locate; of our replies only the first post. @throws {ArchiveError} */
  readonly locate: (
    platform: string,
    place: string,
    message: MessageId,
    signal: AbortSignal,
  ) => Promise<ConversationKey | undefined>;
  /** The conversations of a place that have a message of this id, at most 1,000. @throws {ArchiveError} */
  readonly conversationsWith: (
    platform: string,
    place: string,
    message: MessageId,
    signal: AbortSignal,
  ) => Promise<readonly ConversationKey[]>;
  /** As Directory.recent. @throws {ArchiveError} */
  readonly recent: (
    platform: string,
    place: string,
    limit: number,
    signal: AbortSignal,
  ) => Promise<readonly DirectoryEntry[]>;
  /** The conversations that it knows, in the order of their keys. @throws {ArchiveError} */
  readonly keysAfter: (
    after: string,
    limit: number,
    signal: AbortSignal,
  ) => Promise<readonly ConversationKey[]>;
  /**
   * Removes the heads of conversations in which nothing is left and nothing was accepted or synced since then; at most
   * `limit`. Gives which. @throws {ArchiveError}
   */
  readonly expireHeads: (
    beforeMs: number,
    limit: number,
    signal: AbortSignal,
  ) => Promise<readonly ConversationKey[]>;
  /** As Directory.rename. @throws {ArchiveError} */
  readonly rename: (conversation: ConversationKey, title: string, signal: AbortSignal) => Promise<void>;
}
