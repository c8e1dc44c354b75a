import type { DatabaseSync } from "node:sqlite";

import { StaleLeaseError } from "../../../ports/journal.ts";
import { StoreError } from "../../../ports/store-error.ts";

/** Runs `work` in one write transaction. If it throws, everything is rolled back. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** Of each connection, so that its statements are prepared once. */
const ofConnection = new WeakMap<DatabaseSync, Transactions>();

export function transactionsOf(database: DatabaseSync): Transactions {
  const known = ofConnection.get(database);
  if (known !== undefined) return known;
  const transactions = new Transactions(database);
  ofConnection.set(database, transactions);
  return transactions;
}

/** What stores do with one connection. It all happens at once: the promises are those of the ports. */
export class Transactions {
  readonly #database: DatabaseSync;
  readonly #begin;
  readonly #commit;

  /** Call `transactionsOf`. */
  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
  }

  /** Runs `work` in one write transaction. If it throws, everything is rolled back. */
  async write<T>(work: () => T): Promise<T> {
    this.#begin.run();
    try {
      const result = work();
      this.#commit.run();
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  async read<T>(work: () => T): Promise<T> {
    return work();
  }
}

/** Turns SQLite's errors into StoreError. Passes StaleLeaseError on. */
export async function orStoreError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof StaleLeaseError) throw cause;
    throw new StoreError("The database can't be read or written", { cause });
  }
}
