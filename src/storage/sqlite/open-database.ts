import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import type { Log } from "../../ports/log.ts";
import { mend, migrations } from "./migrations.ts";
import { recoverDatabase } from "./recover-database.ts";

/** How long a write waits for somebody who works beside us. */
export const busyMs = 2_000;

/** The data folder can't be used; the message says why and what to do. */
export class DataFolderError extends Error {
  override readonly name = "DataFolderError";
}

/** The one database of a data folder, held by this process alone until it is disposed. */
export interface OpenedDatabase extends Disposable {
  readonly database: DatabaseSync;
}

/** @throws {DataFolderError} when the folder can't be written, is in use, or holds something that we can't read. */
export function openDatabase(dataDir: string, log: Log): OpenedDatabase {
  makeFolder(dataDir);
  const lock = takeLock(dataDir);
  const file = join(dataDir, "threadkeeper.sqlite");
  try {
    recoverDatabase(file, { migrations, mend }, log);
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

/** Opens the database of a folder that a bot may be working in. @throws {DataFolderError} */
export function openBeside(dataDir: string): DatabaseSync {
  const file = join(dataDir, "threadkeeper.sqlite");
  if (!existsSync(file)) throw new DataFolderError(`DATA_DIR: there are no data in "${dataDir}".`);
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA busy_timeout = ${busyMs}; PRAGMA secure_delete = ON`);
  const version = versionOf(database);
  if (version === migrations.length) return database;
  database.close();
  throw new DataFolderError(
    `DATA_DIR: the data in "${dataDir}" have format ${version}, and this version knows ${migrations.length}. Start the bot of this version once.`,
  );
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
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
    PRAGMA busy_timeout = ${busyMs};
  `);
  const version = versionOf(database);
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
