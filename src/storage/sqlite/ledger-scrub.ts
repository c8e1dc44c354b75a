import type { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";

import { inSlices } from "./in-slices.ts";

/** How much of the index is written anew at once. */
const mergedPages = 16;

/**
 * Writes the index and the file anew, so that nothing is left in them of what has gone: FTS5 only marks what was
 * deleted until it merges (its `secure-delete` costs 3 ms for each message, measured), and SQLite leaves copies where
 * it moves rows. Gives whether all is done; a reader from outside may hold it up. Nobody may write meanwhile.
 */
export async function scrubLedger(database: DatabaseSync, signal: AbortSignal): Promise<boolean> {
  const merge = database.prepare("INSERT INTO search (search, rank) VALUES ('merge', ?)");
  const changes = database.prepare("SELECT total_changes() AS count");
  const count = (): number => Number(changes.get()?.["count"]);
  merge.run(-mergedPages);
  await inSlices(() => {
    const before = count();
    merge.run(mergedPages);
    // The command itself counts as one change.
    return count() - before > 1;
  }, signal);
  return vacuumed(database.location() ?? "");
}

/** A file can only be written anew as a whole, and that takes seconds: another thread does it. */
async function vacuumed(file: string): Promise<boolean> {
  const worker = new Worker(new URL("./vacuum-worker.ts", import.meta.url), { workerData: file });
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  worker.once("error", reject);
  worker.once("exit", (code) => resolve(code === 0));
  return promise;
}
