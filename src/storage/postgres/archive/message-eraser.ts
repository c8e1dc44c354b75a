import type { ErasureCounts } from "../../../domain/archive.ts";
import type { ConversationKey } from "../../../domain/conversation.ts";
import type { Erasure } from "../../../domain/conversation-memory.ts";
import type { Archive } from "../../../ports/archive.ts";
import { locationsFrom } from "../../records/archive-row.ts";
import { inConversation, withArchiveLocked } from "../database/locked-transactions.ts";
import type { Postgres } from "../database/postgres.ts";
import type { Query } from "../database/query.ts";
import { sql } from "./archive-sql.ts";
import { feedbackSql } from "./feedback-sql.ts";
import { recordSql } from "./record-sql.ts";
import { addReplyTombstones, idsOf } from "./insert-messages.ts";

/** Rows per transaction. A transaction that takes longer than its deadline would never finish. */
export const maxRowsPerTransaction = 500;

type RangeErasure = Exclude<Erasure, { readonly kind: "message" }>;

/**
 * Removes messages of an author, of a conversation or of an age, in transactions of at most 500 rows. Each first stores
 * the bound that keeps them from coming back. An interrupted erasure is complete once it is repeated.
 */
export class MessageEraser {
  readonly #postgres: Postgres;

  constructor(postgres: Postgres) {
    this.#postgres = postgres;
  }

  /** Removes a conversation's messages below an ordinal: those of one author with the replies to them, or all. */
  async eraseRange(conversation: ConversationKey, erasure: RangeErasure, signal: AbortSignal): Promise<void> {
    const { beforeOrdinal } = erasure;
    if (erasure.kind === "author") {
      const values = [conversation, erasure.author, beforeOrdinal];
      await this.#change(conversation, (query) => query(sql.eraseAuthorBefore, values), signal);
      await this.#addAllTombstones(sql.eraseAuthor, conversation, { values, signal });
      await this.#removeRecords(recordSql.eraseAuthor, values, signal);
      return;
    }
    const values = [conversation, beforeOrdinal];
    await this.#change(conversation, (query) => query(sql.eraseBefore, values), signal);
    const erase = (query: Query) => query(sql.erase, [...values, maxRowsPerTransaction]);
    while ((await this.#change(conversation, erase, signal)).length === maxRowsPerTransaction);
    await this.#removeRecords(recordSql.erase, values, signal);
  }

  readonly locationsOf: Archive["locationsOf"] = async (platform, author, beforeMs, signal) =>
    locationsFrom(await this.#postgres.query(sql.locationsOf, [platform, author, beforeMs], signal));

  readonly refuseAuthor: Archive["refuseAuthor"] = (platform, author, beforeMs, signal) =>
    this.#raiseBound(sql.forgetBefore, [platform, author, beforeMs], signal);

  readonly eraseAuthor: Archive["eraseAuthor"] = async (platform, author, beforeMs, signal) => {
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
    await this.#removeRecords(recordSql.forget, [platform, author, beforeMs], signal);
    await this.#removeRecords(feedbackSql.forget, [platform, author, beforeMs], signal);
    return { conversations, ...count };
  };

  readonly expire: Archive["expire"] = async (beforeMs, signal) => {
    await this.#raiseBound(sql.expireBefore, [beforeMs], signal);
    for (let count = 0; ;) {
      const { length } = await this.#postgres.query(sql.expire, [beforeMs, maxRowsPerTransaction], signal);
      count += length;
      if (length === maxRowsPerTransaction) continue;
      await this.#removeRecords(recordSql.expire, [beforeMs], signal);
      await this.#expireBounds(beforeMs, signal);
      return count;
    }
  };

  /** The bounds are stored before, so no record comes back. */
  async #removeRecords(statement: string, values: readonly unknown[], signal: AbortSignal): Promise<void> {
    const next = () => this.#postgres.query(statement, [...values, maxRowsPerTransaction], signal);
    while ((await next()).length === maxRowsPerTransaction);
  }

  /** Drops tombstones and bounds for messages so old that the retention refuses them anyway. */
  async #expireBounds(beforeMs: number, signal: AbortSignal): Promise<void> {
    for (const statement of [sql.expireErased, sql.expireErasedAuthors, sql.expireForgotten])
      await this.#postgres.query(statement, [beforeMs], signal);
    const next = () => this.#postgres.query(sql.expireTombstones, [beforeMs, maxRowsPerTransaction], signal);
    while ((await next()).length === maxRowsPerTransaction);
  }

  async #change<T>(
    conversation: ConversationKey,
    work: (query: Query) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    return inConversation(this.#postgres, conversation, work, signal);
  }

  /** From the commit on, every insert sees the bound. */
  async #raiseBound(statement: string, values: readonly unknown[], signal: AbortSignal): Promise<void> {
    await withArchiveLocked(this.#postgres, (query) => query(statement, values), signal);
  }

  /** Replaces what `statement` deletes, and our replies to it, by tombstones. */
  async #addAllTombstones(
    statement: string,
    conversation: ConversationKey,
    { values, signal }: { readonly values: readonly unknown[]; readonly signal: AbortSignal },
  ): Promise<Pick<ErasureCounts, "messages" | "replies">> {
    const count = { messages: 0, replies: 0 };
    const addNextTombstones = async (query: Query): Promise<boolean> => {
      const gone = idsOf(await query(statement, [...values, maxRowsPerTransaction]));
      count.messages += gone.length;
      count.replies += await addReplyTombstones(query, conversation, gone);
      return gone.length === maxRowsPerTransaction;
    };
    while (await this.#change(conversation, addNextTombstones, signal));
    return count;
  }
}
