import type { ConversationKey } from "../domain/conversation.ts";
import type {
  DerivedReply,
  SyncResult,
  SyncBatch,
  ErasureCounts,
  SearchResult,
  ConversationLocation,
  ArchivedMessage,
  ArchivedOutline,
  ArchiveRange,
  ArchiveSearch,
  OldLocationsPage,
} from "../domain/archive.ts";
import type { Verdict } from "../domain/feedback.ts";
import type { MessageId, TurnId } from "../domain/message.ts";
import type { Component } from "./component.ts";

/** The long-term archive: every message, in the order of remembering, with its current text. */
export interface Archive extends Component {
  /**
   * Applies a batch in one transaction: erasures first, then messages. Idempotent, in any order, from any replica. An
   * erased message never returns: its id stays as a tombstone, without text. Messages before an erasure of the whole
   * conversation or of their author are refused and named. Only a newer revision replaces a text. @throws {ArchiveError}
   */
  readonly sync: (batch: SyncBatch, signal: AbortSignal) => Promise<SyncResult>;
  /**
   * Adds new messages of several conversations, with their heads and records, in few transactions: batches without erasures
   * and feedback, one for each conversation. Leaves out each conversation of which it would not just add every message, because it has
   * one of them already, or one is erased or expired. Returns those, for `sync`. Idempotent. @throws {ArchiveError}
   */
  readonly syncNew: (
    batches: readonly SyncBatch[],
    signal: AbortSignal,
  ) => Promise<readonly ConversationKey[]>;
  /** Messages of one conversation, oldest first, without tombstones. @throws {ArchiveError} */
  readonly read: (range: ArchiveRange, signal: AbortSignal) => Promise<readonly ArchivedMessage[]>;
  /** One message. Undefined if it is unknown or erased. @throws {ArchiveError} */
  readonly find: (
    conversation: ConversationKey,
    message: MessageId,
    signal: AbortSignal,
  ) => Promise<ArchivedMessage | undefined>;
  /** Those of the messages that are neither unknown nor erased, in any order. Reads no texts. @throws {ArchiveError} */
  readonly findOutlines: (
    conversation: ConversationKey,
    messages: readonly MessageId[],
    signal: AbortSignal,
  ) => Promise<readonly ArchivedOutline[]>;
  /**
   * Finds messages that have all of the words; if there are none, those that have most of them. Best match first, then
   * newest. Notices are not searched. The cost is bounded: for very common words, only the newest matches are ranked.
   * @throws {ArchiveError} also when the search would take too long.
   */
  readonly search: (search: ArchiveSearch, signal: AbortSignal) => Promise<SearchResult>;
  /** The places of a platform that have messages; at most `limit`. @throws {ArchiveError} */
  readonly places: (platform: string, limit: number, signal: AbortSignal) => Promise<readonly string[]>;
  /** The bot's replies, in any conversation, that answer one of the messages or name it as a source. @throws {ArchiveError} */
  readonly derivedFrom: (
    conversation: ConversationKey,
    messages: readonly MessageId[],
    signal: AbortSignal,
  ) => Promise<readonly DerivedReply[]>;
  /** What a person thinks of the answers of these turns. Turns without a verdict of theirs are absent. @throws {ArchiveError} */
  readonly verdictsOf: (
    author: string,
    turns: readonly TurnId[],
    signal: AbortSignal,
  ) => Promise<ReadonlyMap<TurnId, Verdict>>;
  /** The conversations with messages of an author from before `beforeMs`. @throws {ArchiveError} */
  readonly locationsOf: (
    platform: string,
    author: string,
    beforeMs: number,
    signal: AbortSignal,
  ) => Promise<readonly ConversationLocation[]>;
  /**
   * From now on, `sync` refuses messages of the author from before `beforeMs`, on the whole platform. Archived messages
   * stay until `eraseAuthor`. Idempotent. @throws {ArchiveError}
   */
  readonly refuseAuthor: (
    platform: string,
    author: string,
    beforeMs: number,
    signal: AbortSignal,
  ) => Promise<void>;
  /**
   * Erases the author's messages from before `beforeMs`, on the whole platform, and the bot's replies to them. Leaves
   * tombstones. Idempotent. @throws {ArchiveError}
   */
  readonly eraseAuthor: (
    platform: string,
    author: string,
    beforeMs: number,
    signal: AbortSignal,
  ) => Promise<ErasureCounts>;
  /**
   * The conversations of the oldest messages from before `beforeMs`; one page covers at most `limit` messages. `after`: the
   * `next` of the last page. @throws {ArchiveError}
   */
  readonly olderThan: (
    range: { readonly beforeMs: number; readonly limit: number; readonly after?: string },
    signal: AbortSignal,
  ) => Promise<OldLocationsPage>;
  /**
   * Removes messages, tombstones and refusals from before `beforeMs`; from then on their age keeps older messages out.
   * Returns how many messages were removed. @throws {ArchiveError}
   */
  readonly expire: (beforeMs: number, signal: AbortSignal) => Promise<number>;
  /** Removes traces of erased data from the files (checkpoint, cleaning). Cheap if nothing was erased since. @throws {ArchiveError} */
  readonly scrub: (signal: AbortSignal) => Promise<void>;
}

/** The archive can't be read or written. */
export class ArchiveError extends Error {
  override readonly name = "ArchiveError";
}
