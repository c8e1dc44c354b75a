import type { ConversationKey } from "../../../domain/conversation.ts";
import type {
  Derived,
  Synced,
  SyncBatch,
  Forgotten,
  Found,
  ArchivedMessage,
  ArchiveRange,
  ArchiveSearch,
} from "../../../domain/archive.ts";
import type { MessageId } from "../../../domain/message.ts";
import type { Erasure } from "../../../domain/conversation-memory.ts";
import type { ArchivedConversations } from "../../../ports/archived-conversations.ts";
import type { Archive } from "../../../ports/archive.ts";
import type { SecretArchive } from "../../../ports/secret-archive.ts";
import { cursorFrom, oldPartFrom } from "../../records/old-part.ts";
import { derivedFrom, locationsFrom } from "../../records/archive-row.ts";
import type { KeyEraser } from "./erase-keys.ts";
import { addReplyTombstones, idsOf, keepMessages, remove } from "./insert-messages.ts";
import { sql } from "./archive-sql.ts";
import { postgresConversations } from "./postgres-conversations.ts";
import type { Postgres } from "../database/postgres.ts";
import { keepHead } from "./sealed-head.ts";
import { openMessages } from "./sealed-message.ts";
import { searchMessages } from "./search-messages.ts";
import { searchSql } from "./search-sql.ts";
import type { TakeOver } from "./take-over.ts";
import type { WordHashes } from "./word-hashes.ts";
import type { Query } from "../database/query.ts";

/** How much is removed or written in one transaction: one that takes longer than its deadline would never be done. */
const mostAtOnce = 500;

interface Parts {
  readonly words: WordHashes;
  readonly eraser: KeyEraser;
  readonly indexes: AsyncDisposable;
  readonly takeOver: TakeOver;
}

/** See Ledger. */
export class PostgresArchive implements Archive, ArchivedConversations, SecretArchive {
  readonly name = "archive";
  readonly #postgres: Postgres;
  readonly #parts: Parts;
  readonly known: ArchivedConversations["known"];
  readonly lacks: ArchivedConversations["lacks"];
  readonly locate: ArchivedConversations["locate"];
  readonly holding: ArchivedConversations["holding"];
  readonly recent: ArchivedConversations["recent"];
  readonly rename: ArchivedConversations["rename"];
  readonly keysAfter: ArchivedConversations["keysAfter"];
  readonly expireHeads: ArchivedConversations["expireHeads"];

  /** Disposes of all of them. */
  constructor(postgres: Postgres, parts: Parts) {
    this.#postgres = postgres;
    this.#parts = parts;
    const { known, lacks, locate, holding, recent, rename, keysAfter, expireHeads } =
      postgresConversations(postgres);
    this.known = known;
    this.lacks = lacks;
    this.locate = locate;
    this.holding = holding;
    this.recent = recent;
    this.rename = rename;
    this.keysAfter = keysAfter;
    this.expireHeads = expireHeads;
  }

  readonly health = () => this.#postgres.health();

  readonly keepSecret: SecretArchive["keepSecret"] = async (name, made, signal) => {
    const known = await this.#postgres.query(sql.secret, [name], signal);
    // Where there is one, a database that is read-only need not take a write.
    if (known.length === 0) await this.#postgres.query(sql.keepSecret, [name, made], signal);
    const [row] = known.length > 0 ? known : await this.#postgres.query(sql.secret, [name], signal);
    return String(row?.["value"]);
  };

  readonly sync = async (batch: SyncBatch, signal: AbortSignal): Promise<Synced> => {
    const { conversation, erasures, messages, head } = batch;
    const refused = new Set<MessageId>();
    const forgotten = new Set<MessageId>();
    for (const erasure of erasures)
      if (erasure.kind !== "message") await this.#sweep(conversation, erasure, signal);
    const gone = erasures.flatMap((each) => (each.kind === "message" ? [each.message] : []));
    for (let at = 0; at === 0 || at < messages.length; at += mostAtOnce) {
      await this.#changing(
        conversation,
        async (query) => {
          if (at === 0) await addTombstone(query, conversation, gone);
          const told = messages.slice(at, at + mostAtOnce);
          const part = await keepMessages(query, { batch, messages: told, words: this.#parts.words });
          for (const id of part.refused) refused.add(id);
          for (const id of part.forgotten) forgotten.add(id);
          if (head !== undefined && at + mostAtOnce >= messages.length) await keepHead(query, head);
        },
        signal,
      );
    }
    return { refused: [...refused], forgotten: [...forgotten] };
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

  readonly search = (search: ArchiveSearch, signal: AbortSignal): Promise<Found> =>
    searchMessages(
      { postgres: this.#postgres, words: this.#parts.words, hasPlain: this.#parts.takeOver.isUnderWay },
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
  ): Promise<readonly Derived[]> => {
    const rows = await this.#postgres.query(sql.derived, [conversation, messages], signal);
    return derivedFrom(rows);
  };

  readonly locationsOf: Archive["locationsOf"] = async (platform, author, beforeMs, signal) =>
    locationsFrom(await this.#postgres.query(sql.locationsOf, [platform, author, beforeMs], signal));

  readonly refuseAuthor: Archive["refuseAuthor"] = (platform, author, beforeMs, signal) =>
    this.#bound(sql.forgetBefore, [platform, author, beforeMs], signal);

  readonly forgetAuthor = async (
    platform: string,
    author: string,
    beforeMs: number,
    signal: AbortSignal,
  ): Promise<Forgotten> => {
    await this.refuseAuthor(platform, author, beforeMs, signal);
    const locations = await this.locationsOf(platform, author, beforeMs, signal);
    const conversations = locations.map(({ conversation }) => conversation);
    const count = { messages: 0, replies: 0 };
    for (const conversation of conversations) {
      const values = [conversation, platform, author, beforeMs];
      const gone = await this.#addAllTombstones(sql.forget, conversation, { values, signal });
      count.messages += gone.messages;
      count.replies += gone.replies;
    }
    return { conversations, ...count };
  };

  readonly olderThan: Archive["olderThan"] = async ({ beforeMs, limit, after }, signal) => {
    const values = [beforeMs, ...cursorFrom(after), limit];
    return oldPartFrom(await this.#postgres.query(sql.older, values, signal), limit);
  };

  readonly expire = async (beforeMs: number, signal: AbortSignal): Promise<number> => {
    await this.#bound(sql.expireBefore, [beforeMs], signal);
    for (let count = 0; ;) {
      const { length } = await this.#postgres.query(sql.expire, [beforeMs, mostAtOnce], signal);
      count += length;
      if (length === mostAtOnce) continue;
      await this.#expireBounds(beforeMs, signal);
      return count;
    }
  };

  /** What has gone stays in the files, and nothing can read it any more. */
  readonly scrub = (signal: AbortSignal): Promise<void> => this.#parts.eraser.erase(signal);

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.indexes[Symbol.asyncDispose]();
    await this.#parts.takeOver[Symbol.asyncDispose]();
    await this.#postgres[Symbol.asyncDispose]();
  }

  /** What kept older things away, which their age does now. */
  async #expireBounds(beforeMs: number, signal: AbortSignal): Promise<void> {
    for (const statement of [sql.expireErased, sql.expireErasedAuthors, sql.expireForgotten])
      await this.#postgres.query(statement, [beforeMs], signal);
    const next = () => this.#postgres.query(sql.expireTombstones, [beforeMs, mostAtOnce], signal);
    while ((await next()).length === mostAtOnce);
  }

  async #changing<T>(
    conversation: ConversationKey,
    work: (query: Query) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    return this.#postgres.transaction(async (query) => {
      await query(sql.lock, [conversation]);
      return work(query);
    }, signal);
  }

  /** From now on nobody takes what lies below it. */
  async #bound(statement: string, values: readonly unknown[], signal: AbortSignal): Promise<void> {
    await this.#postgres.transaction(async (query) => {
      await query(sql.lockAll);
      await query(statement, values);
    }, signal);
  }

  async #sweep(
    conversation: ConversationKey,
    erasure: Exclude<Erasure, { readonly kind: "message" }>,
    signal: AbortSignal,
  ): Promise<void> {
    const { beforeOrdinal } = erasure;
    if (erasure.kind === "author") {
      const values = [conversation, erasure.author, beforeOrdinal];
      await this.#changing(conversation, (query) => query(sql.eraseAuthorBefore, values), signal);
      await this.#addAllTombstones(sql.eraseAuthor, conversation, { values, signal });
      return;
    }
    const values = [conversation, beforeOrdinal];
    await this.#changing(conversation, (query) => query(sql.eraseBefore, values), signal);
    const erase = (query: Query) => query(sql.erase, [...values, mostAtOnce]);
    while ((await this.#changing(conversation, erase, signal)).length === mostAtOnce);
  }

  /** What went with its author, and our replies to it. */
  async #addAllTombstones(
    statement: string,
    conversation: ConversationKey,
    { values, signal }: { readonly values: readonly unknown[]; readonly signal: AbortSignal },
  ): Promise<Pick<Forgotten, "messages" | "replies">> {
    const count = { messages: 0, replies: 0 };
    const addNextTombstones = async (query: Query): Promise<boolean> => {
      const gone = idsOf(await query(statement, [...values, mostAtOnce]));
      count.messages += gone.length;
      count.replies += await addReplyTombstones(query, conversation, gone);
      return gone.length === mostAtOnce;
    };
    while (await this.#changing(conversation, addNextTombstones, signal));
    return count;
  }
}

async function addTombstone(
  query: Query,
  conversation: ConversationKey,
  ids: readonly MessageId[],
): Promise<void> {
  if (ids.length === 0) return;
  await query(sql.addTombstone, [conversation, ids]);
  await remove(query, conversation, ids);
}
