import type { ConversationHead } from "./archived-conversation.ts";
import type { ConversationKey } from "./conversation.ts";
import type { MessageId } from "./message.ts";
import type { Erasure, RememberedMessage } from "./conversation-memory.ts";

/** A conversation that the ledger knows, and where it is. */
export interface ConversationLocation {
  readonly conversation: ConversationKey;
  readonly platform: string;
  /** See DirectoryEntry. */
  readonly place: string;
}

/** What happened to one conversation since the ledger last heard of it. */
export interface SyncBatch extends ConversationLocation {
  /** Applied before `messages`. */
  readonly erasures: readonly Erasure[];
  /** Oldest first. */
  readonly messages: readonly RememberedMessage[];
  /** Replaces the one of an older revision, in the same transaction. Missing: it stays. */
  readonly head?: ConversationHead;
}

/** What became of a filing. */
export interface SyncResult {
  /** Messages below the ordinal of an erasure of the whole conversation: not archived, unlike what the filing says. */
  readonly refused: readonly MessageId[];
  /** Messages said before their author was forgotten: not archived, and to go with all that repeats them. */
  readonly forgotten: readonly MessageId[];
}

/** A message as the ledger keeps it, with its current text. */
export interface ArchivedMessage extends ConversationLocation, Omit<RememberedMessage, "tokens"> {}

/** Which part of one conversation to read. */
export interface ArchiveRange {
  readonly conversation: ConversationKey;
  /** Missing: from the first. */
  readonly fromOrdinal?: number;
  /** Exclusive. Missing: to the last. */
  readonly beforeOrdinal?: number;
  readonly fromMs?: number;
  readonly limit: number;
  /** `last`: the newest that fit the limit; also given oldest first. */
  readonly end?: "first" | "last";
}

/** What to look for, and where somebody may look. */
export interface ArchiveSearch {
  /** As a person writes them; any text. */
  readonly words: string;
  readonly platform: string;
  /** Only there. */
  readonly places: readonly string[];
  /** Only this conversation, and of it only chapters from `since` on. Missing: all of the places. */
  readonly within?: { readonly conversation: ConversationKey; readonly since: number };
  readonly limit: number;
}

/** What a search found, best first. */
export interface SearchResult {
  readonly messages: readonly ArchivedMessage[];
  /** False where words stand in so many messages that only the newest of these were looked at. */
  readonly isWhole: boolean;
  /** The words of some messages are still to be gathered, after an update or a recovery: the newest come first. */
  readonly isBeingIndexed?: boolean;
}

/** Where something old was said. */
export interface OldLocation extends ConversationLocation {
  /** When something was last accepted there. Missing: nobody knows. */
  readonly lastAtMs?: number;
}

/** Some of the messages that are older than something, by where they were said. */
export interface OldLocationsPage {
  /** Each once. */
  readonly locations: readonly OldLocation[];
  /** Where the next part begins. Missing: this was the last. */
  readonly next?: string;
}

/** How much went, counted before it went. */
export interface ErasureCounts {
  readonly conversations: readonly ConversationKey[];
  readonly messages: number;
  /** Replies of ours to those messages, which went too. */
  readonly replies: number;
}

/** A reply of ours in the ledger that rests on something. */
export interface DerivedReply extends ConversationLocation {
  readonly message: MessageId;
  readonly posts: readonly string[];
}
