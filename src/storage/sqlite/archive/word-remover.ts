import type { DatabaseSync } from "node:sqlite";

import { inTransaction } from "../connection/transaction.ts";

/** Pages of 4 KiB that a merge writes at once; about 30 ms. */
const pagesPerMerge = 100;
/** Cutting one message out of the index costs about as much as merging this many that stay. */
const mergedPerRemoved = 200;
/** Fewer than these are never worth a merge. */
const minMessages = 500;

/**
 * Removes the words of many messages from the search index, by the cheaper of two ways. FTS5 can cut each word of
 * each message out (`secure-delete`): about a hundred page writes per removed message. Or it records the removals and
 * drops them when it merges the whole index, which costs by what stays. A merge runs in slices while the archive is
 * in use. Its progress is stored, so that it continues after a crash.
 */
export class WordRemover {
  readonly #database: DatabaseSync;
  readonly #statements;
  /** Running removals. A merge begins when the last one ends. */
  #runningRemovals = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepareStatements(database);
  }

  /** From how many messages on a merge is cheaper. */
  minForMerge(): number {
    return Math.max(
      minMessages,
      Math.floor(Number(this.#statements.newest.get()?.["row"] ?? 0) / mergedPerRemoved),
    );
  }

  /** No merge begins while `removal` runs. */
  async holdMergeDuring(removal: () => Promise<void>): Promise<void> {
    this.#runningRemovals += 1;
    try {
      await removal();
    } finally {
      this.#runningRemovals -= 1;
    }
  }

  /** Within a transaction: the words of the messages that `work` removes are left to a merge. */
  deferWords<T>(work: () => T): T {
    const { config, addMerge } = this.#statements;
    addMerge.run();
    // Each setting is stored with the transaction's changes, and rolled back with them.
    config.run("secure-delete", 0);
    try {
      return work();
    } finally {
      config.run("secure-delete", 1);
    }
  }

  /** Merges a part. Returns whether there is more to do. */
  step(): boolean {
    if (this.#runningRemovals > 0) return false;
    const owed = this.#statements.owed.get();
    if (owed === undefined) return false;
    return inTransaction(this.#database, () => {
      const { begun, config, count, done } = this.#statements;
      const before = Number(count.get()?.["count"]);
      if (owed["is_begun"] === 0) {
        begun.run();
        // Merges segments however small.
        config.run("usermerge", 2);
        // Negative: the whole index, not only new segments.
        config.run("merge", -pagesPerMerge);
        return true;
      }
      config.run("merge", pagesPerMerge);
      // FTS5 counts its own statement as a change.
      if (Number(count.get()?.["count"]) - before > 1) return true;
      done.run();
      return false;
    });
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    newest: database.prepare("SELECT MAX(row) AS row FROM message"),
    config: database.prepare("INSERT INTO search (search, rank) VALUES (?, CAST(? AS INTEGER))"),
    owed: database.prepare("SELECT is_begun FROM merging"),
    addMerge: database.prepare("INSERT OR REPLACE INTO merging (id, is_begun) VALUES (1, 0)"),
    begun: database.prepare("UPDATE merging SET is_begun = 1"),
    done: database.prepare("DELETE FROM merging"),
    count: database.prepare("SELECT total_changes() AS count"),
  };
}
