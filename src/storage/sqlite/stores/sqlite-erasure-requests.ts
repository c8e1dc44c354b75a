import type { DatabaseSync } from "node:sqlite";

import type { ErasureRequest, ErasureRequests, Receipt } from "../../../ports/erasure-requests.ts";
import { maxReceiptHoldMs } from "../../records/max-receipt-hold.ts";
import { readReceipt } from "../../records/receipt-schema.ts";
import { type Transactions, orStoreError, transactionsOf } from "../connection/transaction.ts";

/** The erasure requests in the embedded database. */
export class SqliteErasureRequests implements ErasureRequests {
  readonly #transactions: Transactions;
  readonly #statements;

  constructor(database: DatabaseSync) {
    this.#transactions = transactionsOf(database);
    this.#statements = prepareStatements(database);
  }

  readonly begin = async ({ id, platform, author, beforeMs, receipt }: ErasureRequest): Promise<void> => {
    const address = receipt === undefined ? null : JSON.stringify(receipt);
    await this.#write(() => this.#statements.begin.run(id, platform, author, beforeMs, address));
  };

  readonly claimNext = async (heldMs: number): Promise<ErasureRequest | undefined> =>
    this.#write(() => {
      const nowMs = Date.now();
      const row = this.#statements.next.get(nowMs, nowMs + heldMs, nowMs + maxReceiptHoldMs);
      if (row === undefined) return undefined;
      return {
        id: String(row["id"]),
        platform: String(row["platform"]),
        author: String(row["author"]),
        beforeMs: Number(row["before_ms"]),
        receipt: readReceipt(row["receipt"]),
      };
    });

  readonly hold = async (id: string, heldMs: number): Promise<void> => {
    const untilMs = Date.now() + Math.min(heldMs, maxReceiptHoldMs);
    await this.#write(() => this.#statements.hold.run(untilMs, id));
  };

  readonly saveReceipt = async (id: string, receipt: Receipt): Promise<void> => {
    await this.#write(() => this.#statements.owe.run(JSON.stringify(receipt), id));
  };

  readonly markReceiptSent = async (id: string): Promise<void> => {
    await this.#write(() => this.#statements.settle.run(id));
  };

  readonly cutoffs = async (
    platform: string,
    authors: readonly string[],
  ): Promise<ReadonlyMap<string, number>> =>
    orStoreError(
      this.#transactions.read(() => {
        const marks = new Map<string, number>();
        for (const author of new Set(authors)) {
          const beforeMs = this.#statements.mark.get(platform, author)?.["before_ms"];
          if (typeof beforeMs === "number") marks.set(author, beforeMs);
        }
        return marks;
      }),
    );

  #write<T>(work: () => T): Promise<T> {
    return orStoreError(this.#transactions.write(work));
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    begin: database.prepare(
      "INSERT OR IGNORE INTO forgetting (id, platform, author, before_ms, receipt) VALUES (?, ?, ?, ?, ?)",
    ),
    // A longer hold than the maximum means that the clock was set back.
    next: database.prepare(
      `UPDATE forgetting SET held_until_ms = ?2 WHERE place =
         (SELECT place FROM forgetting WHERE receipt IS NOT NULL AND NOT held_until_ms BETWEEN ?1 + 1 AND ?3
          ORDER BY place LIMIT 1)
       RETURNING id, platform, author, before_ms, receipt`,
    ),
    hold: database.prepare("UPDATE forgetting SET held_until_ms = ? WHERE id = ?"),
    owe: database.prepare("UPDATE forgetting SET receipt = ? WHERE id = ? AND receipt IS NOT NULL"),
    settle: database.prepare("UPDATE forgetting SET receipt = NULL WHERE id = ?"),
    mark: database.prepare(
      "SELECT MAX(before_ms) AS before_ms FROM forgetting WHERE platform = ? AND author = ?",
    ),
  };
}
