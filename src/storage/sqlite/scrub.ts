import type { DatabaseSync } from "node:sqlite";

import { busyMs } from "./open-database.ts";
import { orStoreError } from "./transaction.ts";

/**
 * Writes the file anew where something has gone or was changed since the last time: `secure_delete` clears what was
 * deleted, but neither the write-ahead log nor the copies that SQLite leaves where it moves rows from page to page.
 * Nothing else is done meanwhile. @throws {StoreError}
 */
export function scrub(database: DatabaseSync): void {
  orStoreError(() => {
    if (database.prepare("SELECT 1 FROM scrubbing").get() === undefined) return;
    // Somebody who works beside us is not waited for: it is done the next time.
    database.exec("PRAGMA busy_timeout = 0");
    try {
      if (!isLogEmptied(database)) return;
      database.exec("VACUUM");
      if (!isLogEmptied(database)) return;
      database.exec("DELETE FROM scrubbing");
    } finally {
      database.exec(`PRAGMA busy_timeout = ${busyMs}`);
    }
  });
}

function isLogEmptied(database: DatabaseSync): boolean {
  return database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()?.["busy"] === 0;
}
