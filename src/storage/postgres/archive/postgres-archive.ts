import type { ConversationKey } from "../../../domain/conversation.ts";
import type {
  DerivedReply,
  SyncResult,
  SyncBatch,
  SearchResult,
  ArchivedMessage,
  ArchiveRange,
  ArchiveSearch,
} from "../../../domain/archive.ts";
import type { MessageId } from "../../../domain/message.ts";
import type { ArchivedConversations } from "../../../ports/archived-conversations.ts";
import type { Archive } from "../../../ports/archive.ts";
import type { FileStore } from "../../../ports/file-store.ts";
import type { SecretArchive } from "../../../ports/secret-archive.ts";
import { verdictsFrom } from "../../records/feedback-row.ts";
import { parsePageCursor, oldLocationsPageFrom } from "../../records/old-locations-page.ts";
import { derivedFrom, outlinesFrom } from "../../records/archive-row.ts";
import type { KeyEraser } from "../sealing/key-eraser.ts";
import { insertMessages, removeMessages } from "./insert-messages.ts";
import { inConversation, inConversations } from "../database/locked-transactions.ts";
import { sql } from "./archive-sql.ts";
import { feedbackSql } from "./feedback-sql.ts";
import { insertFeedback } from "./insert-feedback.ts";
import { insertNew } from "./insert-new.ts";
import { insertRecords } from "./insert-records.ts";
import { maxRowsPerTransaction, MessageEraser } from "./message-eraser.ts";
import { postgresConversations } from "./postgres-conversations.ts";
import type { Postgres } from "../database/postgres.ts";
import { HeadWriter } from "./sealed-head.ts";
import { openMessages } from "./sealed-message.ts";
import { searchMessages } from "./search-messages.ts";
import { searchSql } from "./search-sql.ts";
import type { PlainTextSealer } from "./plain-text-sealer.ts";
import type { WordHashes } from "./word-hashes.ts";
import type { Query } from "../database/query.ts";

interface ArchiveParts {
  readonly words: WordHashes;
  readonly eraser: KeyEraser;
  readonly indexes: AsyncDisposable;
  readonly takeOver: PlainTextSealer;
  readonly files: FileStore;
}

/** The archive in Postgres, with its texts sealed. */
export class PostgresArchive implements Archive, ArchivedConversations, SecretArchive {
  readonly name = "archive";
  /** The files that lie in the same database. */
  readonly files: FileStore;
  readonly #postgres: Postgres;
  readonly #parts: ArchiveParts;
  readonly #eraser: MessageEraser;
  readonly #heads = new HeadWriter();
  readonly findConversation: ArchivedConversations["findConversation"];
  readonly findMissing: ArchivedConversations["findMissing"];
  readonly locate: ArchivedConversations["locate"];
  readonly conversationsWith: ArchivedConversations["conversationsWith"];
  readonly recent: ArchivedConversations["recent"];
  readonly rename: ArchivedConversations["rename"];
  readonly keysAfter: ArchivedConversations["keysAfter"];
  readonly expireHeads: ArchivedConversations["expireHeads"];
  readonly locationsOf: Archive["locationsOf"];
  readonly refuseAuthor: Archive["refuseAuthor"];
  readonly eraseAuthor: Archive["eraseAuthor"];
  readonly expire: Archive["expire"];

  /** Owns `postgres` and the parts, and disposes of them. */
  constructor(postgres: Postgres, parts: ArchiveParts) {
    this.#postgres = postgres;
    this.#parts = parts;
    this.files = parts.files;
    this.#eraser = new MessageEraser(postgres);
    const { locationsOf, refuseAuthor, eraseAuthor, expire } = this.#eraser;
    this.locationsOf = locationsOf;
    this.refuseAuthor = refuseAuthor;
    this.eraseAuthor = eraseAuthor;
    this.expire = expire;
    const {
      findConversation,
      findMissing,
      locate,
      conversationsWith,
      recent,
      rename,
      keysAfter,
      expireHeads,
    } = postgresConversations(postgres);
    this.findConversation = findConversation;
    this.findMissing = findMissing;
    this.locate = locate;
    this.conversationsWith = conversationsWith;
    this.recent = recent;
    this.rename = rename;
    this.keysAfter = keysAfter;
    this.expireHeads = expireHeads;
  }

  readonly health = () => this.#postgres.health();

  readonly keepSecret: SecretArchive["keepSecret"] = async (name, made, signal) => {
    const known = await this.#postgres.query(sql.secret, [name], signal);
    // If the secret exists, a read-only database needs to accept no write.
    if (known.length === 0) await this.#postgres.query(sql.keepSecret, [name, made], signal);
    const [row] = known.length > 0 ? known : await this.#postgres.query(sql.secret, [name], signal);
    return String(row?.["value"]);
  };

  readonly sync = async (batch: SyncBatch, signal: AbortSignal): Promise<SyncResult> => {
    const { conversation, erasures, messages, head, records = [], feedback = [] } = batch;
    const refused = new Set<MessageId>();
    const forgotten = new Set<MessageId>();
    for (const erasure of erasures)
      if (erasure.kind !== "message") await this.#eraser.eraseRange(conversation, erasure, signal);
    const gone = erasures.flatMap((each) => (each.kind === "message" ? [each.message] : []));
    for (let at = 0; at === 0 || at < messages.length; at += maxRowsPerTransaction) {
      await inConversation(
        this.#postgres,
        conversation,
        async (query) => {
          if (at === 0) {
            await addTombstone(query, conversation, gone);
            await insertRecords(query, records);
            await insertFeedback(query, batch, feedback);
          }
          const given = messages.slice(at, at + maxRowsPerTransaction);
          const inserted = await insertMessages(query, { batch, messages: given, words: this.#parts.words });
          for (const id of inserted.refused) refused.add(id);
          for (const id of inserted.forgotten) forgotten.add(id);
          if (head !== undefined && at + maxRowsPerTransaction >= messages.length)
            await this.#heads.save(query, [head]);
        },
        signal,
      );
    }
    return { refused: [...refused], forgotten: [...forgotten] };
  };

  readonly syncNew: Archive["syncNew"] = async (batches, signal) => {
    if (batches.length === 0) return [];
    const conversations = batches.map(({ conversation }) => conversation);
    const work = async (query: Query): Promise<ReadonlySet<SyncBatch>> => {
      const inserted = await insertNew(query, batches, this.#parts.words);
      const heads = inserted.flatMap(({ head }) => head ?? []);
      await this.#heads.save(query, heads);
      return new Set(inserted);
    };
    const inserted = await inConversations(this.#postgres, conversations, work, signal);
    return batches.filter((batch) => !inserted.has(batch)).map(({ conversation }) => conversation);
  };

  readonly read = async (range: ArchiveRange, signal: AbortSignal): Promise<readonly ArchivedMessage[]> => {
    const {
      conversation,
      fromOrdinal = 0,
      beforeOrdinal = Number.MAX_SAFE_INTEGER,
      fromMs = 0,
      limit,
    } = range;
    const statement = range.end === "last" ? sql.last : sql.first;
    const rows = await this.#postgres.query(
      statement,
      [conversation, fromOrdinal, beforeOrdinal, fromMs, limit],
      signal,
    );
    return (await openMessages(rows)).toSorted((a, b) => a.ordinal - b.ordinal);
  };

  readonly find = async (
    conversation: ConversationKey,
    message: MessageId,
    signal: AbortSignal,
  ): Promise<ArchivedMessage | undefined> =>
    (await openMessages(await this.#postgres.query(sql.find, [conversation, message], signal)))[0];

  readonly findOutlines: Archive["findOutlines"] = async (conversation, messages, signal) =>
    outlinesFrom(await this.#postgres.query(sql.outlines, [conversation, messages], signal));

  readonly search = (search: ArchiveSearch, signal: AbortSignal): Promise<SearchResult> =>
    searchMessages(
      { postgres: this.#postgres, words: this.#parts.words, hasPlain: this.#parts.takeOver.isRunning },
      search,
      signal,
    );

  readonly places = async (
    platform: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly string[]> =>
    (await this.#postgres.query(searchSql.places, [platform, limit], signal)).map(({ place }) =>
      String(place),
    );

  readonly derivedFrom = async (
    conversation: ConversationKey,
    messages: readonly MessageId[],
    signal: AbortSignal,
  ): Promise<readonly DerivedReply[]> => {
    const rows = await this.#postgres.query(sql.derived, [conversation, messages], signal);
    return derivedFrom(rows);
  };

  readonly verdictsOf: Archive["verdictsOf"] = async (author, turns, signal) =>
    verdictsFrom(await this.#postgres.query(feedbackSql.verdicts, [turns, author], signal));

  readonly olderThan: Archive["olderThan"] = async ({ beforeMs, limit, after }, signal) => {
    const values = [beforeMs, ...parsePageCursor(after), limit];
    return oldLocationsPageFrom(await this.#postgres.query(sql.older, values, signal), limit);
  };

  /** Deleted rows stay in the files; erasing their keys makes them unreadable. */
  readonly scrub = (signal: AbortSignal): Promise<void> => this.#parts.eraser.erase(signal);

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.indexes[Symbol.asyncDispose]();
    await this.#parts.takeOver[Symbol.asyncDispose]();
    await this.#postgres[Symbol.asyncDispose]();
  }
}

async function addTombstone(
  query: Query,
  conversation: ConversationKey,
  ids: readonly MessageId[],
): Promise<void> {
  if (ids.length === 0) return;
  await query(sql.addTombstone, [conversation, ids]);
  await removeMessages(query, conversation, ids);
}
