import type { DatabaseSync } from "node:sqlite";

import { conversationKey, type ConversationKey } from "../../../domain/conversation.ts";
import type { DelayedErasure, DelayedErasures } from "../../../ports/delayed-erasures.ts";
import { type Transactions, orStoreError, transactionsOf } from "../connection/transaction.ts";

/** The delayed erasures in the embedded database. */
export class SqliteDelayedErasures implements DelayedErasures {
  readonly #transactions: Transactions;
  readonly #statements;

  constructor(database: DatabaseSync) {
    this.#transactions = transactionsOf(database);
    this.#statements = {
      put: database.prepare(
        "INSERT OR REPLACE INTO delayed_erasure (conversation, platform, place, before_ordinal, ordered_at_ms, until_ms) VALUES (?, ?, ?, ?, ?, ?)",
      ),
      drop: database.prepare("DELETE FROM delayed_erasure WHERE conversation = ?"),
      due: database.prepare(
        `SELECT conversation, platform, place, before_ordinal, ordered_at_ms, until_ms FROM delayed_erasure
         WHERE until_ms <= ? ORDER BY until_ms LIMIT ?`,
      ),
      of: database.prepare("SELECT before_ordinal FROM delayed_erasure WHERE conversation = ?"),
    };
  }

  readonly put = async (erasure: DelayedErasure): Promise<void> => {
    const { conversation, platform, place, beforeOrdinal, orderedAtMs, untilMs } = erasure;
    const values = [conversation, platform, place, beforeOrdinal, orderedAtMs, untilMs];
    await orStoreError(this.#transactions.write(() => this.#statements.put.run(...values)));
  };

  readonly drop = async (conversation: ConversationKey): Promise<void> => {
    await orStoreError(this.#transactions.write(() => this.#statements.drop.run(conversation)));
  };

  readonly due = async (nowMs: number, limit: number): Promise<readonly DelayedErasure[]> =>
    orStoreError(
      this.#transactions.read(() =>
        this.#statements.due.all(nowMs, limit).map((row) => ({
          conversation: conversationKey(row["conversation"]),
          platform: String(row["platform"]),
          place: String(row["place"]),
          beforeOrdinal: Number(row["before_ordinal"]),
          orderedAtMs: Number(row["ordered_at_ms"]),
          untilMs: Number(row["until_ms"]),
        })),
      ),
    );

  readonly cutoffs = async (
    conversations: readonly ConversationKey[],
  ): Promise<ReadonlyMap<ConversationKey, number>> =>
    orStoreError(
      this.#transactions.read(() => {
        const found = new Map<ConversationKey, number>();
        for (const conversation of new Set(conversations)) {
          const row = this.#statements.of.get(conversation);
          if (row !== undefined) found.set(conversation, Number(row["before_ordinal"]));
        }
        return found;
      }),
    );
}
