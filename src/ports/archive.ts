import type { ConversationKey } from "../domain/conversation.ts";
import type {
  DerivedReply,
  SyncResult,
  SyncBatch,
  ErasureCounts,
  SearchResult,
  ConversationLocation,
  ArchivedMessage,
  ArchiveRange,
  ArchiveSearch,
  OldLocationsPage,
} from "../domain/archive.ts";
import type { MessageId } from "../domain/message.ts";
import type { Component } from "./component.ts";

/** The long-term archive: every message, in the order of remembering, with its current text only. */
export interface Archive extends Component {
  /**
   * One transaction: erasures first, then messages. Any number of times, in any order, by any number of replicas: an
   * erased message never comes back (its id stays as a tombstone, without text; what lies before an `all` erasure is
   * refused by its ordinal, and named; so is what was said before its author was forgotten), and a text is only replaced by one of a newer revision. @throws {ArchiveError}
   */
  readonly sync: (batch: SyncBatch, signal: AbortSignal) => Promise<SyncResult>;
  /** Oldest first; tombstones are not in it. @throws {ArchiveError} */
  readonly read: (range: ArchiveRange, signal: AbortSignal) => Promise<readonly ArchivedMessage[]>;
  /** One message. Undefined for a tombstone too. @throws {ArchiveError} */
  readonly find: (
    conversation: ConversationKey,
    message: MessageId,
    signal: AbortSignal,
  ) => Promise<ArchivedMessage | undefined>;
  /**
   * What holds all of the words, best first, then newest; where nothing does, what holds most of them. Notices are not
   * searched. Words are taken as words, never as an operator of a query language. Its cost is bounded: of words that
   * stand nearly everywhere, only the newest messages are looked at, and the best are chosen among the newest of those
   * that hold them. @throws {ArchiveError} also where it would take too long.
   */
  readonly search: (search: ArchiveSearch, signal: AbortSignal) => Promise<SearchResult>;
  /** The places of a platform in which anything was said; at most `limit`. @throws {ArchiveError} */
  readonly places: (platform: string, limit: number, signal: AbortSignal) => Promise<readonly string[]>;
  /** Replies of ours, in any conversation, that answer one of the messages or name it as a source. @throws {ArchiveError} */
  readonly derivedFrom: (
    conversation: ConversationKey,
    messages: readonly MessageId[],
    signal: AbortSignal,
  ) => Promise<readonly DerivedReply[]>;
  /** Where one account said something before then. @throws {ArchiveError} */
  readonly locationsOf: (
    platform: string,
    author: string,
    beforeMs: number,
    signal: AbortSignal,
  ) => Promise<readonly ConversationLocation[]>;
  /**
   * From now on nothing that one account said before then is taken, anywhere on the platform: whoever files it is told.
   * What is there stays, and is all that there will be. @throws {ArchiveError}
   */
  readonly refuseAuthor: (
    platform: string,
    author: string,
    beforeMs: number,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Everything by one account said before then, on the whole platform, with our replies to it; tombstones stay. @throws {ArchiveError} */
  readonly eraseAuthor: (
    platform: string,
    author: string,
    beforeMs: number,
    signal: AbortSignal,
  ) => Promise<ErasureCounts>;
  /** Where at most `limit` messages were said before then, oldest first. `after`: the `next` of the part before. @throws {ArchiveError} */
  readonly olderThan: (
    range: { readonly beforeMs: number; readonly limit: number; readonly after?: string },
    signal: AbortSignal,
  ) => Promise<OldLocationsPage>;
  /**
   * Removes what was said before then, without tombstones, and what keeps older things away: from now on their age does.
   * Gives how many messages went. @throws {ArchiveError}
   */
  readonly expire: (beforeMs: number, signal: AbortSignal) => Promise<number>;
  /** Leaves no trace of what has gone in files: checkpoint, clean. Cheap when nothing has gone since. @throws {ArchiveError} */
  readonly scrub: (signal: AbortSignal) => Promise<void>;
}

/** The ledger can't be read or written. */
export class ArchiveError extends Error {
  override readonly name = "LedgerError";
}
