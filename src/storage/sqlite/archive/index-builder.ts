import type { DatabaseSync } from "node:sqlite";

import { readRow } from "../../records/archive-row.ts";
import type { WritingStatements } from "./archive-statements.ts";
import { locationOf, indexedWords } from "./archive-words.ts";
import { inTransaction } from "../connection/transaction.ts";

const messagesPerSlice = 50;
const oldRowsPerSlice = 100;

/**
 * Adds the words of texts to the index while the archive is in use: after a recovery, and after format 2, whose index
 * it removes at the end. Newest first. Continues at the next start where it stopped.
 */
export class IndexBuilder {
  readonly #database: DatabaseSync;
  readonly #statements: WritingStatements;
  #isDone = false;

  constructor(database: DatabaseSync, statements: WritingStatements) {
    this.#database = database;
    this.#statements = statements;
  }

  /** Returns whether there is more to do. */
  step(): boolean {
    this.#isDone ||= !inTransaction(this.#database, () => this.#index() || this.#removeOld());
    return !this.#isDone;
  }

  #index(): boolean {
    const { unindexed, indexedTo, indexed } = this.#statements;
    const rows = unindexed.all(messagesPerSlice).toReversed();
    if (rows[0] === undefined) return indexed.run().changes > 0;
    indexedTo.run(Number(rows[0]["row"]));
    for (const row of rows) this.#add(row);
    return true;
  }

  #add(row: Readonly<Record<string, unknown>>): void {
    const message = readRow(row);
    if (message === undefined || message.role === "notice") return;
    this.#statements.index.run(Number(row["row"]), indexedWords(message.text), locationOf(message));
  }

  /** A few rows at a time, because dropping the whole table would zero it at once. */
  #removeOld(): boolean {
    const { isOldThere, removeOld, dropOld } = this.#statements;
    if (isOldThere.get() === undefined) return false;
    // SQLite protects FTS5's own tables from other writes.
    this.#database.enableDefensive(false);
    try {
      if (this.#database.prepare(removeOld).run(oldRowsPerSlice).changes === 0) this.#database.exec(dropOld);
    } finally {
      this.#database.enableDefensive(true);
    }
    return true;
  }
}
