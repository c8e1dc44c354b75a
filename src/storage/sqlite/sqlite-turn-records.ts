import { existsSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

import { ArchiveError } from "../../ports/archive.ts";
import type { TurnRecords } from "../../ports/turn-records.ts";
import { ratedTurnsFrom } from "../records/feedback-row.ts";
import { recordsFrom } from "../records/turn-record-row.ts";
import { archiveFileIn, openArchiveForReading } from "./archive/open-archive-database.ts";
import { DataFolderError } from "./disk/data-folder.ts";

/** Reads turn records, also while the bot runs. @throws {DataFolderError} without an archive in the folder. */
export function openSqliteTurnRecords(dataDir: string): TurnRecords & Disposable {
  if (!existsSync(archiveFileIn(dataDir)))
    throw new DataFolderError(`DATA_DIR: there is no archive in "${dataDir}".`);
  const database = openArchiveForReading(dataDir);
  return { ...sqliteTurnRecords(database), [Symbol.dispose]: () => database.close() };
}

/** The turn records in an open archive. */
function sqliteTurnRecords(database: DatabaseSync): TurnRecords {
  // Prepared at each call: in a file that an older version wrote there are none.
  const all = (sql: string, ...values: readonly (string | number)[]) => {
    try {
      return database.prepare(sql).all(...values);
    } catch (cause) {
      throw new ArchiveError("The turn records can't be read", { cause });
    }
  };
  return {
    newest: async (conversation, limit) =>
      recordsFrom(
        all(
          "SELECT record FROM turn_record WHERE conversation = ? ORDER BY ordinal DESC, at_ms DESC LIMIT ?",
          conversation,
          limit,
        ),
      ),
    find: async (turn) => recordsFrom(all("SELECT record FROM turn_record WHERE id = ?", turn))[0],
    newestFeedback: async ({ conversation, limit }) => {
      const [where, ...values] =
        conversation === undefined ? [""] : ["WHERE newest.conversation = ?", conversation];
      const rows = all(
        `SELECT newest.author, verdict, reason, newest.at_ms, record
         FROM feedback AS newest JOIN turn_record ON id = turn ${where}
         ORDER BY newest.at_ms DESC LIMIT ?`,
        ...values,
        limit,
      );
      return ratedTurnsFrom(rows, ({ reason }) => (typeof reason === "string" ? reason : undefined));
    },
  };
}
