import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { Listing } from "../../../domain/archived-conversation.ts";
import { conversationKey, type ConversationKey } from "../../../domain/conversation.ts";
import type { Outbox, OutboxState, PendingSync } from "../../../ports/outbox.ts";
import { keyOf } from "../../keyv/keyv-memory.ts";
import { type Transactions, orStoreError, transactionsOf } from "../connection/transaction.ts";

/** The outbox in the embedded database. Finish marks a conversation as pending. */
export class SqliteOutbox implements Outbox {
  readonly #transactions: Transactions;
  readonly #pending: StatementSync;
  readonly #state: StatementSync;
  readonly #markSynced: StatementSync;
  readonly #clearLost: StatementSync;
  readonly #excess: StatementSync;

  constructor(database: DatabaseSync) {
    this.#transactions = transactionsOf(database);
    this.#pending = database.prepare(
      "SELECT key, filed FROM conversation WHERE unfiled_since_ms IS NOT NULL ORDER BY unfiled_since_ms, key LIMIT ?",
    );
    this.#state = database.prepare(
      "SELECT filed, platform, title, is_named, last_at_ms FROM conversation WHERE key = ?",
    );
    this.#markSynced = database.prepare(
      `UPDATE conversation SET filed = ?1, unfiled_since_ms = CASE WHEN revision = ?1 THEN NULL ELSE unfiled_since_ms END
       WHERE key = ?2 AND ?1 BETWEEN filed AND revision`,
    );
    this.#clearLost = database.prepare(
      `UPDATE conversation SET unfiled_since_ms = NULL
       WHERE key = ? AND revision < ? AND NOT EXISTS (SELECT 1 FROM keyv WHERE keyv.key = ?)`,
    );
    this.#excess = database.prepare(
      `SELECT 1 FROM conversation WHERE key = ?1 AND revision = ?2
       AND (SELECT COUNT(*) FROM located WHERE located.conversation = ?1) > ?3`,
    );
  }

  readonly pending = async (limit: number): Promise<readonly PendingSync[]> =>
    orStoreError(this.#transactions.read(() => this.#pending.all(limit).map(pendingFrom)));

  readonly pendingKeys: Outbox["pendingKeys"] = async (limit) =>
    (await this.pending(limit)).map(({ conversation }) => conversation);

  readonly states = async (conversations: readonly ConversationKey[]): Promise<readonly OutboxState[]> =>
    orStoreError(
      this.#transactions.read(() =>
        conversations.map((conversation) => stateFrom(this.#state.get(conversation))),
      ),
    );

  readonly listing = async (conversation: ConversationKey): Promise<Listing | undefined> => {
    const [state] = await this.states([conversation]);
    return state?.listing;
  };

  readonly markSynced = async (conversation: ConversationKey, revision: number): Promise<void> => {
    await orStoreError(
      this.#transactions.write(() => {
        this.#markSynced.run(revision, conversation);
        // A revision beyond the last one belongs to a lost memory. If another memory has begun, it still has to be
        // synced.
        this.#clearLost.run(conversation, revision, keyOf(conversation));
      }),
    );
  };

  readonly markAllSynced: Outbox["markAllSynced"] = async (synced) =>
    orStoreError(
      this.#transactions.write(() => {
        for (const { conversation, revision } of synced) this.#markSynced.run(revision, conversation);
        return synced
          .filter((each) => this.#excess.get(each.conversation, each.revision, each.locations) !== undefined)
          .map(({ conversation }) => conversation);
      }),
    );
}

type Row = Readonly<Record<string, unknown>>;

function pendingFrom(row: Row): PendingSync {
  return { conversation: conversationKey(row["key"]), syncedRevision: Number(row["filed"]) };
}

function stateFrom(row: Row | undefined): OutboxState {
  if (row === undefined) return { syncedRevision: 0 };
  const syncedRevision = Number(row["filed"]);
  return row["platform"] === "" ? { syncedRevision } : { syncedRevision, listing: listingFrom(row) };
}

function listingFrom(row: Row): Listing {
  const listing = { title: String(row["title"]), lastAtMs: Number(row["last_at_ms"]) };
  return row["is_named"] === 1 ? { ...listing, isNamed: true } : listing;
}
