import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import type { Log } from "../../../ports/log.ts";
import { CleanDatabase, type DatabaseSource } from "../cleaning/clean-database.ts";
import { busyMs, connectionSettings } from "../connection/connection-settings.ts";
import { archiveRepair, archiveMigrations } from "./archive-migrations.ts";
import { addWordFunctions } from "./archive-words.ts";
import { cannotBeOpened, DataFolderError } from "../disk/data-folder.ts";
import { keepPrivate } from "../disk/private-files.ts";
import { recoverDatabase, type Schema } from "../recovery/recover-database.ts";

const archiveSchema: Schema = {
  migrations: archiveMigrations,
  repair: archiveRepair,
  addFunctions: addWordFunctions,
};

/** The start data of the archive's threads. */
export interface ArchiveThreadData {
  readonly dataDir: string;
  /** False if another thread may have the file open. */
  readonly mayRecover: boolean;
}

/**
 * Opens `ledger.sqlite` in a data folder and creates it if missing. @throws {DataFolderError} that says what to do.
 */
export function openArchiveDatabase(
  { dataDir, mayRecover }: ArchiveThreadData,
  { log, onHealth }: Pick<DatabaseSource, "log" | "onHealth">,
): CleanDatabase {
  const file = archiveFileIn(dataDir);
  try {
    if (mayRecover) recoverDatabase(file, archiveSchema, log);
    const prepared = (database: DatabaseSync): void => prepare(database, log);
    const telling = onHealth === undefined ? {} : { onHealth };
    const clean = new CleanDatabase({ file, prepare: prepared, log, ...telling });
    keepPrivate(dataDir);
    return clean;
  } catch (cause) {
    const advice = "Move it away to start with an empty archive, or restore it from a backup";
    throw cannotBeOpened(file, cause, advice);
  }
}

/** A read-only connection to an open archive. */
export function openArchiveForReading(dataDir: string): DatabaseSync {
  return new DatabaseSync(archiveFileIn(dataDir), { readOnly: true, timeout: busyMs });
}

/** The archive's file in a data folder. */
export function archiveFileIn(dataDir: string): string {
  return join(dataDir, "ledger.sqlite");
}

function prepare(database: DatabaseSync, log: Log): void {
  database.exec(connectionSettings);
  addWordFunctions(database);
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version > archiveMigrations.length) {
    throw new DataFolderError(
      `DATA_DIR: a newer Threadkeeper wrote the archive (format ${version}, this version knows ${archiveMigrations.length}). Start that version again, restore a backup of the folder from before its first start, or set another folder.`,
    );
  }
  for (const [index, migration] of archiveMigrations.entries()) {
    if (index >= version) database.exec(`BEGIN; ${migration}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
  if (version < archiveMigrations.length)
    log.debug({ version: archiveMigrations.length }, "the archive is ready");
}
