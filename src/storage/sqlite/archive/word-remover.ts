import type { DatabaseSync } from "node:sqlite";

import { inTransaction } from "../connection/transaction.ts";

/** What a merge writes at once, in pages of 4 KiB: some 30 ms. */
const pagesPerMerge = 100;
/** To take one message out of the index by itself costs about as much as merging so many that stay. */
const mergedPerRemoved = 200;
/** Fewer than these are never worth a merge. */
const minMessages = 500;

/**
 * Takes the words of many messages out of the search index. FTS5 can look up each word of each message and cut it out
 * (`secure-delete`), which costs by what goes, and much: some hundred changes of a page for a message. Or it notes what goes,
 * and leaves it out when it merges the whole index, which costs by what stays. This chooses what is less. A merge runs in
 * slices, while the archive serves; what was begun is in the database, and goes on after a crash.
 */
export class WordRemover {
  readonly #database: DatabaseSync;
  readonly #statements;
  /** Removals that are under way: a merge begins when the last of them is over. */
  #underWay = 0;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepareStatements(database);
  }

  /** How many messages have to go at least for a merge to be less work. */
  minForMerge(): number {
    return Math.max(
      minMessages,
      Math.floor(Number(this.#statements.newest.get()?.["row"] ?? 0) / mergedPerRemoved),
    );
  }

  /** No merge begins before it is over. */
  async holdMergeDuring(removal: () => Promise<void>): Promise<void> {
    this.#underWay += 1;
    try {
      await removal();
    } finally {
      this.#underWay -= 1;
    }
  }

  /** Within a transaction: the words of all messages that `work` removes go with a merge. */
  deferWords<T>(work: () => T): T {
    const { config, owe } = this.#statements;
    owe.run();
    // Each setting is written with what was changed before, and gone with the transaction when that is rolled back.
    config.run("secure-delete", 0);
    try {
      return work();
    } finally {
      config.run("secure-delete", 1);
    }
  }

  /** Merges a part. Gives whether there is more to do. */
  step(): boolean {
    if (this.#underWay > 0) return false;
    const owed = this.#statements.owed.get();
    if (owed === undefined) return false;
    return inTransaction(this.#database, () => {
      const { begun, config, count, done } = this.#statements;
      const before = Number(count.get()?.["count"]);
      if (owed["is_begun"] === 0) {
        begun.run();
        // Goes on with whatever was begun, however little it is.
        config.run("usermerge", 2);
        // Below 0: all of the index, and not only what has grown.
        config.run("merge", -pagesPerMerge);
        return true;
      }
      config.run("merge", pagesPerMerge);
      // FTS5 counts itself as a change.
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
    owe: database.prepare("INSERT OR REPLACE INTO merging (id, is_begun) VALUES (1, 0)"),
    begun: database.prepare("UPDATE merging SET is_begun = 1"),
    done: database.prepare("DELETE FROM merging"),
    count: database.prepare("SELECT total_changes() AS count"),
  };
}
