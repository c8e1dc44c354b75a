import type { DatabaseSync } from "node:sqlite";

import type { PendingConfirmation } from "../../../domain/conversation-memory.ts";
import { confirmationKeptMs, type Confirmations } from "../../../ports/confirmations.ts";
import { readConfirmation } from "../../records/confirmation-schema.ts";
import { type Transactions, orStoreError, transactionsOf } from "../connection/transaction.ts";

/** The open questions of commands in the embedded database. */
export class SqliteConfirmations implements Confirmations {
  readonly #transactions: Transactions;
  readonly #statements;

  constructor(database: DatabaseSync) {
    this.#transactions = transactionsOf(database);
    this.#statements = {
      put: database.prepare(
        "INSERT OR REPLACE INTO confirmation (platform, person, asked, at_ms) VALUES (?, ?, ?, ?)",
      ),
      find: database.prepare("SELECT asked FROM confirmation WHERE platform = ? AND person = ?"),
      drop: database.prepare("DELETE FROM confirmation WHERE platform = ? AND person = ?"),
      dropOld: database.prepare("DELETE FROM confirmation WHERE at_ms < ?"),
    };
  }

  readonly put = async (platform: string, asked: PendingConfirmation): Promise<void> => {
    await orStoreError(
      this.#transactions.write(() => {
        this.#statements.dropOld.run(asked.atMs - confirmationKeptMs);
        this.#statements.put.run(platform, asked.by, JSON.stringify(asked), asked.atMs);
      }),
    );
  };

  readonly find = async (platform: string, person: string): Promise<PendingConfirmation | undefined> =>
    orStoreError(
      this.#transactions.read(() => readConfirmation(this.#statements.find.get(platform, person)?.["asked"])),
    );

  readonly drop = async (platform: string, person: string): Promise<void> => {
    await orStoreError(this.#transactions.write(() => this.#statements.drop.run(platform, person)));
  };
}
