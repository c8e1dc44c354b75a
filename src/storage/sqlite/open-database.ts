import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { migrations } from "./migrations.ts";

/** The data folder can't be used; the message says why and what to do. */
export class DataFolderError extends Error {
  override readonly name = "DataFolderError";
}

/** The one database of a data folder, held by this process alone until it is disposed. */
export interface OpenedDatabase extends Disposable {
  readonly database: DatabaseSync;
}

/** @throws {DataFolderError} when the folder can't be written, is in use, or holds something that we can't read. */
export function openDatabase(dataDir: string): OpenedDatabase {
  makeFolder(dataDir);
  const lock = takeLock(dataDir);
  const file = join(dataDir, "threadkeeper.sqlite");
  try {
    const database = new DatabaseSync(file);
    prepare(database);
    return {
      database,
      [Symbol.dispose]: () => {
        database.close();
        lock.close();
      },
    };
  } catch (cause) {
    lock.close();
    if (cause instanceof DataFolderError) throw cause;
    throw new DataFolderError(
      `DATA_DIR: ${file} can't be opened (${reasonOf(cause)}). Move it away to start with an empty memory, or restore it from a backup.`,
      { cause },
    );
  }
}

function makeFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new DataFolderError(`DATA_DIR: the folder "${dataDir}" can't be made (${reasonOf(cause)}).`, {
      cause,
    });
  }
}

/** A lock of the operating system: whatever ends the process frees it. */
function takeLock(dataDir: string): DatabaseSync {
  const file = join(dataDir, "lock.sqlite");
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(file);
    lock.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
    return lock;
  } catch (cause) {
    lock?.close();
    const isBusy = cause instanceof Error && /locked|busy/u.test(cause.message);
    throw new DataFolderError(
      isBusy
        ? `DATA_DIR: another Threadkeeper works in "${dataDir}". Stop it first, or give this one another folder.`
        : `DATA_DIR: the folder "${dataDir}" can't be used (${reasonOf(cause)}).`,
      { cause },
    );
  }
}

function prepare(database: DatabaseSync): void {
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA secure_delete = ON;
    PRAGMA busy_timeout = 2000;
  `);
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version > migrations.length) {
    throw new DataFolderError(
      `DATA_DIR: the data was written by a newer Threadkeeper (format ${version}, this one knows ${migrations.length}). Use that version, or another folder.`,
    );
  }
  for (const [index, migration] of migrations.entries()) {
    if (index >= version) database.exec(`BEGIN; ${migration}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
