import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";

import type { Log } from "../../../ports/log.ts";
import { CallableThread } from "../../../runtime/threads/callable-thread.ts";
import type { Health } from "../../../ports/component.ts";
import { CleanDatabase, type DatabaseSource, type WriteRoom } from "../cleaning/clean-database.ts";
import { CheckpointCleaner } from "../cleaning/checkpoint-cleaner.ts";
import { LogCopierInThread } from "../cleaning/log-copier-in-thread.ts";
import { connectionSettings } from "../connection/connection-settings.ts";
import { isDamage } from "../disk/damage.ts";
import {
  adviceFor,
  cannotBeOpened,
  DataFolderError,
  makeFolder,
  reasonOf,
  refuseForbidden,
} from "../disk/data-folder.ts";
import { repair, migrations } from "./migrations.ts";
import { PageCleaner, pageSizeOf } from "../cleaning/page-cleaner.ts";
import { keepPrivate } from "../disk/private-files.ts";
import { mostBytesAtStart, recoverDatabase } from "../recovery/recover-database.ts";
import type { Recovery } from "./recover-thread.ts";

const maxLockWaitMs = 2_000;
const retryMs = 20;

/** The database of a data folder, held by this process alone until disposed. */
export interface OpenedDatabase {
  readonly file: string;
  readonly database: DatabaseSync;
  /** See CleanDatabase. */
  readonly scrub: (signal: AbortSignal) => Promise<void>;
  /** Whether it accepts writes. */
  readonly health: () => Health;
  readonly room: WriteRoom;
}

/** @throws {DataFolderError} if the folder can't be written, is in use, or holds unreadable data. */
export function openDatabase(dataDir: string, log: Log): OpenedDatabase & Disposable {
  const { file, lock } = claimFolder(dataDir);
  try {
    recoverDatabase(file, { migrations, repair }, log);
    const clean = open(file, { log });
    return { ...partsOf(file, clean), [Symbol.dispose]: () => close(clean, lock) };
  } catch (cause) {
    throw refusal(file, lock, cause);
  }
}

/** Like openDatabase, but threads recover a big damaged database, and copy the log. @throws {DataFolderError} */
export async function openDatabaseInBackground(
  dataDir: string,
  log: Log,
): Promise<OpenedDatabase & AsyncDisposable> {
  const { file, lock } = await claimFolderWithRetry(dataDir);
  try {
    await recover(file, log);
    const copier = new LogCopierInThread(file, log);
    const clean = open(file, { log, copying: copier });
    const closeAll = async (): Promise<void> => {
      await clean.stop();
      await copier[Symbol.asyncDispose]();
      close(clean, lock);
    };
    return { ...partsOf(file, clean), [Symbol.asyncDispose]: closeAll };
  } catch (cause) {
    throw refusal(file, lock, cause);
  }
}

function claimFolder(dataDir: string) {
  makeFolder(dataDir);
  return { file: join(dataDir, "threadkeeper.sqlite"), lock: lockFolder(dataDir) };
}

/** `npm run dead-letters` holds the folder for a moment. */
async function claimFolderWithRetry(dataDir: string): Promise<ReturnType<typeof claimFolder>> {
  const startedAtMs = performance.now();
  for (;;) {
    try {
      return claimFolder(dataDir);
    } catch (error) {
      const isPassing = error instanceof DataFolderError && error.isInUse;
      if (!isPassing || performance.now() - startedAtMs > maxLockWaitMs) throw error;
    }
    await setTimeout(retryMs);
  }
}

function open(file: string, ports: Pick<DatabaseSource, "log" | "copying">): CleanDatabase {
  const clean = new CleanDatabase({ file, prepare, ...ports });
  keepPrivate(dirname(file));
  return clean;
}

function partsOf(file: string, clean: CleanDatabase): OpenedDatabase {
  return {
    file,
    database: clean.database,
    scrub: async (signal) => clean.scrub(signal),
    health: () => clean.health(),
    room: clean.room,
  };
}

function close(clean: CleanDatabase, lock: DatabaseSync): void {
  clean[Symbol.dispose]();
  lock.close();
}

function refusal(file: string, lock: DatabaseSync, cause: unknown): DataFolderError {
  lock.close();
  const advice = "Move it away to start with an empty memory, or restore it from a backup";
  return cannotBeOpened(file, cause, advice);
}

/** In a thread unless it is quick, since it may have to copy gibibytes. */
async function recover(file: string, log: Log): Promise<void> {
  const { size } = statSync(file, { throwIfNoEntry: false }) ?? { size: 0 };
  if (size <= mostBytesAtStart) return recoverDatabase(file, { migrations, repair }, log);
  await using thread = new CallableThread<Recovery>({
    name: "the thread that recovers the database",
    file: new URL("./recover-thread.ts", import.meta.url),
    data: () => undefined,
    log,
  });
  await thread.call("recover", file, new AbortController().signal);
}

/** A second connection, next to a bot that may run in the same folder. */
export interface SecondConnection extends Disposable {
  readonly database: DatabaseSync;
}

/** @throws {DataFolderError} */
export function openSecondConnection(dataDir: string): SecondConnection {
  if (existsSync(dataDir)) refuseForbidden(dataDir);
  const file = join(dataDir, "threadkeeper.sqlite");
  if (!existsSync(file)) throw new DataFolderError(`DATA_DIR: there is no data in "${dataDir}".`);
  const database = new DatabaseSync(file);
  database.exec(connectionSettings);
  const version = versionOf(database);
  if (version === migrations.length)
    return { database, [Symbol.dispose]: () => closeSecondConnection(database, dataDir) };
  database.close();
  throw new DataFolderError(
    `DATA_DIR: the data in "${dataDir}" have format ${version}, and this version knows ${migrations.length}. Start the bot of this version once.`,
  );
}

/**
 * Without a running bot this is the last connection, which moves the log into the file and so has to clean the pages.
 */
function closeSecondConnection(database: DatabaseSync, dataDir: string): void {
  using resources = new DisposableStack();
  const file = join(dataDir, "threadkeeper.sqlite");
  const lock = tryLockFolder(dataDir);
  if (lock !== undefined) resources.defer(() => lock.close());
  const cleaner = lock && resources.use(new PageCleaner(file, pageSizeOf(database)));
  resources.defer(() => database.close());
  if (cleaner === undefined) return;
  // No other connection writes, so nothing is overtaken.
  new CheckpointCleaner(database, { file, cleaner, onOvertaken: () => undefined }).checkpoint();
}

/** Undefined while a bot runs. */
function tryLockFolder(dataDir: string): DatabaseSync | undefined {
  try {
    return lockFolder(dataDir);
  } catch {
    return undefined;
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
}

const lockHoldsNothing = "Its lock.sqlite is damaged. It holds no data: remove it and start again.";

/** An operating system lock, which is released however the process ends. */
function lockFolder(dataDir: string): DatabaseSync {
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
        : `DATA_DIR: the folder "${dataDir}" can't be used (${reasonOf(cause)}).${isDamage(cause) ? ` ${lockHoldsNothing}` : adviceFor(file, cause)}`,
      { cause, isInUse: isBusy },
    );
  }
}

function prepare(database: DatabaseSync): void {
  database.exec(connectionSettings);
  const version = versionOf(database);
  if (version > migrations.length) {
    throw new DataFolderError(
      `DATA_DIR: a newer Threadkeeper wrote the data (format ${version}, this version knows ${migrations.length}). Start that version again, restore a backup of the folder from before its first start, or set another folder.`,
    );
  }
  for (const [index, migration] of migrations.entries()) {
    if (index >= version) database.exec(`BEGIN; ${migration}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
}
