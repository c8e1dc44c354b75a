import type { DatabaseSync } from "node:sqlite";

import { StaleLeaseError } from "../../../ports/journal.ts";
import { StoreError } from "../../../ports/store-error.ts";

/** Runs `work` in one write transaction; what it throws rolls everything back. */
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

/** A full disk, a failing one: what SQLite says of it, as our ports say it. */
export function orStoreError<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof StaleLeaseError) throw cause;
    throw new StoreError("The database can't be read or written", { cause });
  }
}
