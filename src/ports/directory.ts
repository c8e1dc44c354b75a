import type { ConversationKey, DirectoryEntry } from "../domain/conversation.ts";
import type { MessageId } from "../domain/message.ts";

/** A recently active conversation, for reading missed messages. */
export interface ActiveConversation {
  readonly conversation: ConversationKey;
  /** See DirectoryEntry. */
  readonly place: string;
  /** The last stored message of a person. Missing: only commands were stored. */
  readonly lastMessage?: MessageId;
}

/** The index of conversations and of the messages in them. Written by Inbox.accept and Journal.finish. */
export interface Directory {
  /** The conversation of a person's message or of a bot's post. Ids may be unique only within their place. */
  readonly locate: (
    platform: string,
    place: string,
    message: MessageId,
    signal: AbortSignal,
  ) => Promise<ConversationKey | undefined>;
  /** The conversations that quote the message, and so remember it: see quotedId. @throws {ArchiveError} */
  readonly quoting: (
    platform: string,
    place: string,
    message: MessageId,
    signal: AbortSignal,
  ) => Promise<readonly ConversationKey[]>;
  /** The listed conversations of a place, most recent activity first. May be incomplete while the archive is unreachable. */
  readonly recent: (
    platform: string,
    place: string,
    limit: number,
    signal: AbortSignal,
  ) => Promise<readonly DirectoryEntry[]>;
  /** One conversation. Undefined if it is not listed. @throws {ArchiveError} */
  readonly entry: (conversation: ConversationKey, signal: AbortSignal) => Promise<DirectoryEntry | undefined>;
  /** Like `recent`, but never incomplete. @throws {ArchiveError} if only the archive has the rest. */
  readonly all: Directory["recent"];
  /** The conversations of a platform with activity since `sinceMs`, newest first; at most 10,000. */
  readonly active: (
    platform: string,
    sinceMs: number,
    signal: AbortSignal,
  ) => Promise<readonly ActiveConversation[]>;
  /** The conversations in which an author has written, newest first. `author`: an Author's id. */
  readonly ofAuthor: (
    platform: string,
    author: string,
    limit: number,
    signal: AbortSignal,
  ) => Promise<readonly DirectoryEntry[]>;
  /** Like `ofAuthor`, without those in which the author has written nothing since `sinceMs`. */
  readonly writtenSince: (
    platform: string,
    author: string,
    range: { readonly sinceMs: number; readonly limit: number },
    signal: AbortSignal,
  ) => Promise<readonly DirectoryEntry[]>;
  /** Sets a title that a person chose. New messages no longer change it. */
  readonly rename: (conversation: ConversationKey, title: string, signal: AbortSignal) => Promise<void>;
}
