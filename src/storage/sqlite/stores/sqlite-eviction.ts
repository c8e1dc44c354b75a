import type { DatabaseSync } from "node:sqlite";

import { conversationKey, type ConversationKey } from "../../../domain/conversation.ts";
import type { MessageId } from "../../../domain/message.ts";
import type { Eviction, SyncedConversation } from "../../../ports/eviction.ts";
import { locationKey } from "./location-key.ts";
import type { MemoryWriter } from "./sqlite-memory-writer.ts";
import { type Transactions, orStoreError, transactionsOf } from "../connection/transaction.ts";

/** Eviction from the hot store in the embedded database. */
export class SqliteEviction implements Eviction {
  readonly #transactions: Transactions;
  readonly #memoryWriter: MemoryWriter;
  readonly #statements;

  constructor(database: DatabaseSync, memoryWriter: MemoryWriter) {
    this.#transactions = transactionsOf(database);
    this.#memoryWriter = memoryWriter;
    this.#statements = prepareStatements(database);
  }

  readonly inactive: Eviction["inactive"] = async (platform, beforeMs, { skip, limit }) =>
    orStoreError(
      this.#transactions.read(() =>
        this.#statements.silent.all(platform, beforeMs, limit, skip).map((row) => ({
          conversation: conversationKey(row["key"]),
          platform,
          place: String(row["place"]),
        })),
      ),
    );

  readonly evict = async (synced: SyncedConversation, beforeMs: number): Promise<boolean> =>
    this.#write(() => {
      const { conversation } = synced;
      const row = this.#statements.idle.get(conversation, beforeMs);
      if (row === undefined) return false;
      if (!isAsSynced(row, synced)) {
        this.#statements.resync.run(Date.now(), conversation);
        return false;
      }
      const { removeLocations, removeAuthors, drop, mark } = this.#statements;
      for (const statement of [removeLocations, removeAuthors, drop, mark]) statement.run(conversation);
      this.#memoryWriter.forget(conversation);
      return true;
    });

  readonly dropLocations = async (
    { conversation, revision }: Pick<SyncedConversation, "conversation" | "revision">,
    keep: readonly MessageId[],
  ): Promise<void> => {
    await orStoreError(
      this.#transactions.write(() => {
        const rows = keep.map((message) => locationKey(message, conversation));
        this.#statements.shrink.run(conversation, JSON.stringify(rows), revision);
      }),
    );
  };

  readonly unmark = async (conversations: readonly ConversationKey[]): Promise<void> => {
    await this.#write(() => {
      for (const each of conversations) this.#statements.unmark.run(each);
    });
  };

  readonly expire = async (beforeMs: number): Promise<void> => {
    await this.#write(() => {
      const { expireQuarantined, expireWritten, expireMarks } = this.#statements;
      for (const each of [expireQuarantined, expireWritten, expireMarks]) each.run(beforeMs);
    });
  };

  #write<T>(work: () => T): Promise<T> {
    return orStoreError(this.#transactions.write(work));
  }
}

function isAsSynced(
  row: Readonly<Record<string, unknown>>,
  { revision, listing }: SyncedConversation,
): boolean {
  if (row["revision"] !== revision) return false;
  if (row["platform"] === "") return listing === undefined;
  return row["title"] === listing?.title && (row["is_named"] === 1) === (listing?.isNamed === true);
}

function prepareStatements(database: DatabaseSync) {
  return {
    silent: database.prepare(
      "SELECT key, place FROM conversation WHERE platform = ? AND last_at_ms < ? ORDER BY last_at_ms LIMIT ? OFFSET ?",
    ),
    idle: database.prepare(
      `SELECT revision, platform, title, is_named FROM conversation
       WHERE key = ?1 AND turn IS NULL AND revision > 0 AND filed = revision AND unfiled_since_ms IS NULL
         AND last_at_ms < ?2 AND NOT EXISTS (SELECT 1 FROM inbox WHERE inbox.conversation = ?1)`,
    ),
    resync: database.prepare("UPDATE conversation SET unfiled_since_ms = ? WHERE key = ?"),
    removeLocations: database.prepare("DELETE FROM located WHERE conversation = ?"),
    removeAuthors: database.prepare("DELETE FROM author WHERE conversation = ?"),
    drop: database.prepare("DELETE FROM conversation WHERE key = ?"),
    mark: database.prepare("INSERT OR IGNORE INTO resting (conversation) VALUES (?)"),
    unmark: database.prepare("DELETE FROM resting WHERE conversation = ?"),
    shrink: database.prepare(
      `DELETE FROM located WHERE conversation = ?1 AND message NOT IN (SELECT value FROM json_each(?2))
         AND EXISTS (SELECT 1 FROM conversation WHERE key = ?1 AND revision = ?3)
         AND seq < COALESCE((SELECT MIN(seq) FROM inbox WHERE inbox.conversation = ?1), 9e15)`,
    ),
    expireQuarantined: database.prepare("DELETE FROM set_aside WHERE at_ms < ?"),
    expireWritten: database.prepare("DELETE FROM author WHERE at_ms < ?"),
    expireMarks: database.prepare("DELETE FROM forgetting WHERE before_ms < ? AND receipt IS NULL"),
  };
}
