import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { Listing } from "../../../domain/archived-conversation.ts";
import { conversationKey, type ConversationKey } from "../../../domain/conversation.ts";
import type { Outbox, PendingSync } from "../../../ports/outbox.ts";
import { keyOf } from "../../keyv/keyv-memory.ts";
import { orStoreError } from "../connection/transaction.ts";

/** The outbox in the embedded database; finish marks in it what is unfiled. */
export class SqliteOutbox implements Outbox {
  readonly #unfiled: StatementSync;
  readonly #listing: StatementSync;
  readonly #filed: StatementSync;
  readonly #nothingLeft: StatementSync;

  constructor(database: DatabaseSync) {
    this.#unfiled = database.prepare(
      "SELECT key, filed FROM conversation WHERE unfiled_since_ms IS NOT NULL ORDER BY unfiled_since_ms, key LIMIT ?",
    );
    this.#listing = database.prepare(
      "SELECT title, is_named, last_at_ms FROM conversation WHERE key = ? AND platform <> ''",
    );
    this.#filed = database.prepare(
      `UPDATE conversation SET filed = ?1, unfiled_since_ms = CASE WHEN revision = ?1 THEN NULL ELSE unfiled_since_ms END
       WHERE key = ?2 AND ?1 BETWEEN filed AND revision`,
    );
    this.#nothingLeft = database.prepare(
      `UPDATE conversation SET unfiled_since_ms = NULL
       WHERE key = ? AND revision < ? AND NOT EXISTS (SELECT 1 FROM keyv WHERE keyv.key = ?)`,
    );
  }

  readonly pending = async (limit: number): Promise<readonly PendingSync[]> =>
    orStoreError(() => this.#unfiled.all(limit)).map((row) => ({
      conversation: conversationKey(row["key"]),
      syncedRevision: Number(row["filed"]),
    }));

  readonly listing = async (conversation: ConversationKey): Promise<Listing | undefined> => {
    const row = orStoreError(() => this.#listing.get(conversation));
    if (row === undefined) return undefined;
    const listing = { title: String(row["title"]), lastAtMs: Number(row["last_at_ms"]) };
    return row["is_named"] === 1 ? { ...listing, isNamed: true } : listing;
  };

  readonly markSynced = async (conversation: ConversationKey, revision: number): Promise<void> => {
    orStoreError(() => {
      this.#filed.run(revision, conversation);
      // Beyond the last: of a memory that was lost. Where another has begun, that one is to be filed.
      this.#nothingLeft.run(conversation, revision, keyOf(conversation));
    });
  };
}
