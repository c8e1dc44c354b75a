import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { Presence } from "../../../ports/presence.ts";
import { StoreError } from "../../../ports/store-error.ts";
import { transactionsOf, type Transactions } from "../connection/transaction.ts";

/** The presence in the embedded database. */
export class SqlitePresence implements Presence {
  readonly #transactions: Transactions;
  readonly #mark: StatementSync;
  readonly #last: StatementSync;

  constructor(database: DatabaseSync) {
    this.#transactions = transactionsOf(database);
    this.#mark = database.prepare("INSERT OR REPLACE INTO presence (id, at_ms) VALUES (1, ?)");
    this.#last = database.prepare("SELECT at_ms FROM presence");
  }

  readonly mark = async (nowMs: number): Promise<void> => {
    try {
      await this.#transactions.write(() => this.#mark.run(nowMs));
    } catch (cause) {
      throw new StoreError("The presence can't be written", { cause });
    }
  };

  readonly last = async (): Promise<number | undefined> => {
    const atMs = (await this.#transactions.read(() => this.#last.get()))?.["at_ms"];
    return atMs === undefined ? undefined : Number(atMs);
  };
}
