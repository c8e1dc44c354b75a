import type { DatabaseSync, StatementSync } from "node:sqlite";

import { maxRenamings, type Renaming, type Renamings } from "../../../ports/renamings.ts";
import { StoreError } from "../../../ports/store-error.ts";
import { transactionsOf, type Transactions } from "../connection/transaction.ts";

/** The renamings in the embedded database. */
export class SqliteRenamings implements Renamings {
  readonly #transactions: Transactions;
  readonly #keep: StatementSync;
  readonly #trim: StatementSync;
  readonly #all: StatementSync;

  constructor(database: DatabaseSync) {
    this.#transactions = transactionsOf(database);
    this.#keep = database.prepare(
      "INSERT OR IGNORE INTO renaming (platform, id_before, id_after) VALUES (?, ?, ?)",
    );
    this.#trim = database.prepare("DELETE FROM renaming WHERE place <= ?");
    this.#all = database.prepare(
      "SELECT id_before, id_after FROM renaming WHERE platform = ? ORDER BY place",
    );
  }

  readonly add = async (platform: string, { before, after }: Renaming): Promise<void> => {
    try {
      await this.#transactions.write(() => {
        const { changes, lastInsertRowid } = this.#keep.run(platform, before, after);
        if (changes > 0) this.#trim.run(Number(lastInsertRowid) - maxRenamings);
      });
    } catch (cause) {
      throw new StoreError("A renaming can't be written", { cause });
    }
  };

  readonly all = async (platform: string): Promise<readonly Renaming[]> =>
    this.#transactions.read(() =>
      this.#all
        .all(platform)
        .map((row) => ({ before: String(row["id_before"]), after: String(row["id_after"]) })),
    );
}
