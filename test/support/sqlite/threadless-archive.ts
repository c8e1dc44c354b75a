import { setImmediate } from "node:timers/promises";

import type { Log } from "../../../src/ports/log.ts";
import type { Callable } from "../../../src/runtime/threads/callable-thread.ts";
import type { Served } from "../../../src/runtime/threads/thread-messages.ts";
import { makeFolder } from "../../../src/storage/sqlite/disk/data-folder.ts";
import { ArchiveFile } from "../../../src/storage/sqlite/archive/archive-file.ts";
import { archiveReader } from "../../../src/storage/sqlite/archive/archive-reader.ts";
import {
  openArchiveDatabase,
  openArchiveForReading,
} from "../../../src/storage/sqlite/archive/open-archive-database.ts";
import { SqliteArchive } from "../../../src/storage/sqlite/sqlite-archive.ts";

/**
 * The SQLite archive without its two threads, whose start and end take longer than most tests. Arguments and results
 * are copied, as between threads.
 */
export async function openThreadlessArchive(dataDir: string, log: Log): Promise<SqliteArchive> {
  makeFolder(dataDir);
  const opened = new AsyncDisposableStack();
  const file = opened.use(new ArchiveFile(openArchiveDatabase({ dataDir, mayRecover: true }, { log })));
  const database = openArchiveForReading(dataDir);
  opened.defer(() => database.close());
  const { rename, expireHeads, keepSecret, refuseAuthor, forgetAuthor, expire, scrub } = file;
  const writes = {
    sync: file.sync,
    syncNew: file.syncNew,
    rename,
    expireHeads,
    keepSecret,
    refuseAuthor,
    forgetAuthor,
    expire,
    scrub,
  };
  return new SqliteArchive(callable(writes), callable(archiveReader(database)), opened);
}

function callable<Calls extends Served>(served: Calls): Callable<Calls> {
  const call: Callable<Calls>["call"] = async (name, argument, signal) => {
    signal.throwIfAborted();
    const given = structuredClone(argument);
    await setImmediate();
    signal.throwIfAborted();
    return structuredClone(await Reflect.apply(served[name] ?? missing, served, [given, signal]));
  };
  return { call, health: () => ({ ok: true, why: "" }) };
}

const missing = (): never => {
  throw new TypeError("The archive serves no such call");
};
