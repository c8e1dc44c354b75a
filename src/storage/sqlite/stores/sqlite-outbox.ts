import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { Listing } from "../../../domain/archived-conversation.ts";
import { conversationKey, type ConversationKey } from "../../../domain/conversation.ts";
import type { Outbox, PendingSync } from "../../../ports/outbox.ts";
import { keyOf } from "../../keyv/keyv-memory.ts";
import { commitsOf, type Commits } from "../connection/commits.ts";
import { orStoreError } from "../connection/transaction.ts";

/** The outbox in the embedded database. Finish marks a conversation as pending. */
export class SqliteOutbox implements Outbox {
  readonly #commits: Commits;
  readonly #pending: StatementSync;
  readonly #listing: StatementSync;
  readonly #markSynced: StatementSync;
  readonly #clearLost: StatementSync;

  constructor(database: DatabaseSync) {
    this.#commits = commitsOf(database);
    this.#pending = database.prepare(
      "SELECT key, filed FROM conversation WHERE unfiled_since_ms IS NOT NULL ORDER BY unfiled_since_ms, key LIMIT ?",
    );
    this.#listing = database.prepare(
      "SELECT title, is_named, last_at_ms FROM conversation WHERE key = ? AND platform <> ''",
    );
    this.#markSynced = database.prepare(
      `UPDATE conversation SET filed = ?1, unfiled_since_ms = CASE WHEN revision = ?1 THEN NULL ELSE unfiled_since_ms END
       WHERE key = ?2 AND ?1 BETWEEN filed AND revision`,
    );
    this.#clearLost = database.prepare(
      `UPDATE conversation SET unfiled_since_ms = NULL
       WHERE key = ? AND revision < ? AND NOT EXISTS (SELECT 1 FROM keyv WHERE keyv.key = ?)`,
    );
  }

  readonly pending = async (limit: number): Promise<readonly PendingSync[]> =>
    orStoreError(
      this.#commits.read(() =>
        this.#pending.all(limit).map((row) => ({
          conversation: conversationKey(row["key"]),
          syncedRevision: Number(row["filed"]),
        })),
      ),
    );

  readonly listing = async (conversation: ConversationKey): Promise<Listing | undefined> => {
    const row = await orStoreError(this.#commits.read(() => this.#listing.get(conversation)));
    if (row === undefined) return undefined;
    const listing = { title: String(row["title"]), lastAtMs: Number(row["last_at_ms"]) };
    return row["is_named"] === 1 ? { ...listing, isNamed: true } : listing;
  };

  readonly markSynced = async (conversation: ConversationKey, revision: number): Promise<void> => {
    await orStoreError(
      this.#commits.write(() => {
        this.#markSynced.run(revision, conversation);
        // A revision beyond the last one belongs to a lost memory. If another memory has begun, it still has to be
        // synced.
        this.#clearLost.run(conversation, revision, keyOf(conversation));
      }),
    );
  };
}
