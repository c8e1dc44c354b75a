import type { ConversationHead } from "./archived-conversation.ts";
import type { ConversationKey } from "./conversation.ts";
import type { Feedback } from "./feedback.ts";
import type { Author, MessageId } from "./message.ts";
import type { Erasure, RememberedMessage } from "./conversation-memory.ts";
import type { TurnRecord } from "./turn-record.ts";

/** A conversation and where it is listed. */
export interface ConversationLocation {
  readonly conversation: ConversationKey;
  readonly platform: string;
  /** See DirectoryEntry. */
  readonly place: string;
}

/** Everything that changed in one conversation since its last sync with the archive. */
export interface SyncBatch extends ConversationLocation {
  /** Applied before `messages`. */
  readonly erasures: readonly Erasure[];
  /** Oldest first. */
  readonly messages: readonly RememberedMessage[];
  /** Of finished turns. Stored after the erasures, unless what they name is erased. Missing: none. */
  readonly records?: readonly TurnRecord[];
  /**
   * Stored after the records: on turns of this conversation whose record the archive has, unless its author is erased.
   * Missing: none.
   */
  readonly feedback?: readonly Feedback[];
  /** Replaces a head of an older revision, in the same transaction. Missing: the archived head stays. */
  readonly head?: ConversationHead;
}

/** What the archive did not accept of a SyncBatch. Both lists are empty when it accepted everything. */
export interface SyncResult {
  /** Messages whose ordinal lies below an erasure of the whole conversation. They were not archived. */
  readonly refused: readonly MessageId[];
  /** Messages older than the erasure of their author. They were not archived; the caller removes them and their repeats. */
  readonly forgotten: readonly MessageId[];
}

/** A message in the archive, with its current text. */
export interface ArchivedMessage extends ConversationLocation, Omit<RememberedMessage, "tokens"> {}

/** What tells whether an erasure covers a message. */
export interface ArchivedOutline extends Pick<ArchivedMessage, "id" | "ordinal"> {
  readonly author: Pick<Author, "id">;
}

/** Which messages of one conversation to read. */
export interface ArchiveRange {
  readonly conversation: ConversationKey;
  /** Inclusive. Missing: from the first message. */
  readonly fromOrdinal?: number;
  /** Exclusive. Missing: up to the last message. */
  readonly beforeOrdinal?: number;
  /** Inclusive, by `saidAtMs`. Missing: of any time. */
  readonly fromMs?: number;
  /** The most messages to return. */
  readonly limit: number;
  /** Which messages count when there are more than `limit`: the oldest (`first`, the default) or the newest (`last`). */
  readonly end?: "first" | "last";
}

/** A full-text search, limited to the places that its reader may see. */
export interface ArchiveSearch {
  /** Free text, as a person typed it. Operators of query languages have no effect. */
  readonly words: string;
  readonly platform: string;
  /** Only messages of these places are found. */
  readonly places: readonly string[];
  /** Limits the search to one conversation, from chapter `since` on. Missing: every conversation of the places. */
  readonly within?: { readonly conversation: ConversationKey; readonly since: number };
  readonly limit: number;
}

/** The result of an ArchiveSearch. */
export interface SearchResult {
  /** Best match first. */
  readonly messages: readonly ArchivedMessage[];
  /** False when the words are so common that only the newest matches were ranked. */
  readonly isWhole: boolean;
  /** The index is being rebuilt after an update or a recovery, newest messages first; older ones may be missing. */
  readonly isBeingIndexed?: boolean;
}

/** A conversation that holds old messages. */
export interface OldLocation extends ConversationLocation {
  /** When the conversation last accepted an inbound. Missing: unknown. */
  readonly lastAtMs?: number;
}

/** One page of the conversations that hold messages older than a given time. */
export interface OldLocationsPage {
  /** Without duplicates. */
  readonly locations: readonly OldLocation[];
  /** Cursor of the next page. Missing: this was the last page. */
  readonly next?: string;
}

/** What an erasure removed, counted before the removal. */
export interface ErasureCounts {
  readonly conversations: readonly ConversationKey[];
  readonly messages: number;
  /** The bot's replies to those messages, which were removed too. */
  readonly replies: number;
}

/** An archived reply of the bot that was made from given messages. */
export interface DerivedReply extends ConversationLocation {
  readonly message: MessageId;
  /** Of the version that was made from them. A newer one may have been made from others. */
  readonly revision: number;
  readonly posts: readonly string[];
}
