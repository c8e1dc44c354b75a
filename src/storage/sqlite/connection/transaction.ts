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

/** Turns SQLite's errors into StoreError. Passes StaleLeaseError on. */
export async function orStoreError<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (cause instanceof StaleLeaseError) throw cause;
    throw new StoreError("The database can't be read or written", { cause });
  }
}
