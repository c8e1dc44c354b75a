import type { ConversationKey, DirectoryEntry } from "../domain/conversation.ts";
import type { MessageId } from "../domain/message.ts";

/** A conversation as catch-up needs it. */
export interface ActiveConversation {
  readonly conversation: ConversationKey;
  readonly place: string;
  /** The last message of a person that was stored. Missing where only orders were. */
  readonly lastMessage?: MessageId;
}

/** Which conversations there are, and which one a message belongs to. Written by accept and finish. */
export interface Directory {
  /** `message` is a message of a person or a post of ours, by the platform's id; ids may be unique within a place only. */
  readonly locate: (
    platform: string,
    place: string,
    message: MessageId,
    signal: AbortSignal,
  ) => Promise<ConversationKey | undefined>;
  /** The conversations in which messages reply to this one, so that they remember it: see quotedId. @throws {ArchiveError} */
  readonly quoting: (
    platform: string,
    place: string,
    message: MessageId,
    signal: AbortSignal,
  ) => Promise<readonly ConversationKey[]>;
  /** Newest first. */
  readonly recent: (
    platform: string,
    place: string,
    limit: number,
    signal: AbortSignal,
  ) => Promise<readonly DirectoryEntry[]>;
  /** One conversation, however many are newer. Undefined: it is not listed. @throws {ArchiveError} */
  readonly entry: (conversation: ConversationKey, signal: AbortSignal) => Promise<DirectoryEntry | undefined>;
  /** As `recent`, and never a part only. @throws {ArchiveError} where only the archive could tell the rest. */
  readonly all: Directory["recent"];
  /** The conversations of a platform in which something was accepted since then, newest first, at most 10,000. */
  readonly active: (
    platform: string,
    sinceMs: number,
    signal: AbortSignal,
  ) => Promise<readonly ActiveConversation[]>;
  /**
   * The conversations in which an account has written, newest first. An Author's id; written by accept.
   */
  readonly ofAuthor: (
    platform: string,
    author: string,
    limit: number,
    signal: AbortSignal,
  ) => Promise<readonly DirectoryEntry[]>;
  readonly rename: (conversation: ConversationKey, title: string, signal: AbortSignal) => Promise<void>;
}
