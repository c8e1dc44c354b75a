import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";

import { Keyv } from "keyv";

import type { Ids } from "../../ports/ids.ts";
import type { InboundFormat } from "../../ports/inbound-format.ts";
import { InProcessRateLimits } from "../../runtime/rate/in-process-rate-limits.ts";
import { StoreError } from "../../ports/store-error.ts";
import { deserialize } from "../keyv/keyv-bytes.ts";
import { KeyvMemory } from "../keyv/keyv-memory.ts";
import { MemoryPages } from "../keyv/memory-pages.ts";
import type { SecretKeys } from "../records/sealed-installation.ts";
import type { LocalListeners, Stores } from "../stores.ts";
import { checkInBackground, type CheckPorts } from "./recovery/background-check.ts";
import { cannotBeOpened } from "./disk/data-folder.ts";
import { readOrMakeKey, writeKey } from "./disk/key-file.ts";
import { KeyvSqlite } from "./stores/keyv-sqlite.ts";
import { openDatabaseInBackground, type OpenedDatabase } from "./database/open-database.ts";
import { SqliteDeadLetters } from "./stores/sqlite-dead-letters.ts";
import { SqliteConfirmations } from "./stores/sqlite-confirmations.ts";
import { SqliteDelayedErasures } from "./stores/sqlite-delayed-erasures.ts";
import { SqliteDirectory } from "./stores/sqlite-directory.ts";
import { SqliteEviction } from "./stores/sqlite-eviction.ts";
import { SqliteErasureRequests } from "./stores/sqlite-erasure-requests.ts";
import { SqliteInbox } from "./stores/sqlite-inbox.ts";
import { SqliteInstallations } from "./stores/sqlite-installations.ts";
import { SqlitePreferences } from "./stores/sqlite-preferences.ts";
import { SqlitePresence } from "./stores/sqlite-presence.ts";
import { SqliteRenamings } from "./stores/sqlite-renamings.ts";
import { SqliteJournal } from "./stores/sqlite-journal.ts";
import { SqliteLocks } from "./stores/sqlite-locks.ts";
import { sqliteMemoryWriter } from "./stores/sqlite-memory-writer.ts";
import { SqliteUsage } from "./stores/sqlite-usage.ts";
import { SqliteOutbox } from "./stores/sqlite-outbox.ts";
import { SqliteArchivedMarks } from "./stores/sqlite-archived-marks.ts";

export interface SqliteStorePorts extends CheckPorts {
  readonly ids: Ids;
  readonly inbounds: InboundFormat;
  readonly listeners: LocalListeners;
  /** Missing: none. */
  readonly secretKeys?: SecretKeys;
}

/** All hot stores in one file of the data folder, for one process. @throws {DataFolderError} that says what to do. */
export async function openSqliteStores(
  dataDir: string,
  { ids, inbounds, listeners, secretKeys = [], ...ports }: SqliteStorePorts,
): Promise<Stores> {
  const { log } = ports;
  const closing = new AsyncDisposableStack();
  const opened = closing.use(await openDatabaseInBackground(dataDir, log));
  const { database } = opened;
  const usage = closing.use(new SqliteUsage(database, log));
  closing.use(checkInBackground(opened.file, ports));
  const { memories, memoryWriter } = openMemory(database);
  return {
    name: "store",
    health: opened.health,
    inbox: new SqliteInbox(database, { ids, log, inbounds }, opened.room),
    journal: new SqliteJournal(database, memoryWriter, { ids, log, inbounds }),
    memories,
    directory: new SqliteDirectory(database),
    presence: new SqlitePresence(database),
    renamings: new SqliteRenamings(database),
    installations: new SqliteInstallations(database, secretKeys),
    delayedErasures: new SqliteDelayedErasures(database),
    confirmations: new SqliteConfirmations(database),
    preferences: new SqlitePreferences(database),
    erasureRequests: new SqliteErasureRequests(database),
    outbox: new SqliteOutbox(database),
    archivedMarks: new SqliteArchivedMarks(database),
    eviction: new SqliteEviction(database, memoryWriter),
    deadLetters: new SqliteDeadLetters(database, inbounds),
    locks: new SqliteLocks(),
    usage,
    ...listeners,
    rateLimits: new InProcessRateLimits(() => Date.now()),
    scrub: (signal) => scrub(opened, signal),
    cookieKey: cookieKeyOf(dataDir),
    replaceCookieKey: async (key) => writeKey(cookieKeyIn(dataDir), key),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** Working memory: its reader, and the writer for the transactions of others. */
function openMemory(database: DatabaseSync) {
  // First, because it creates the table that the statements of the writer need.
  const store = new KeyvSqlite(database);
  const keyv = new Keyv({ store, useKeyPrefix: false, throwOnErrors: true, deserialize });
  const pages = new MemoryPages();
  return { memories: new KeyvMemory(keyv, pages), memoryWriter: sqliteMemoryWriter(database, pages) };
}

/** @throws {DataFolderError} */
function cookieKeyOf(dataDir: string): Uint8Array {
  const file = cookieKeyIn(dataDir);
  try {
    return readOrMakeKey(file);
  } catch (cause) {
    throw cannotBeOpened(file, cause, "");
  }
}

function cookieKeyIn(dataDir: string): string {
  return join(dataDir, "web-cookie.key");
}

async function scrub(opened: OpenedDatabase, signal: AbortSignal): Promise<void> {
  try {
    await opened.scrub(signal);
  } catch (cause) {
    signal.throwIfAborted();
    throw new StoreError("The database can't be cleaned", { cause });
  }
}
