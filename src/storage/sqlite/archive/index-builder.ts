import type { DatabaseSync } from "node:sqlite";

import { readRow } from "../../records/archive-row.ts";
import type { WritingStatements } from "./archive-statements.ts";
import { locationOf, indexedWords } from "./archive-words.ts";
import { inTransaction } from "../connection/transaction.ts";

const messagesPerSlice = 50;
const oldRowsPerSlice = 100;

/**
 * Gathers the words of texts into the index while the archive serves: after rows were lost and found again, and after
 * format 2, whose index it removes at the end. The newest first. Where it was stopped it goes on at the next start.
 */
export class IndexBuilder {
  readonly #database: DatabaseSync;
  readonly #statements: WritingStatements;
  #isDone = false;

  constructor(database: DatabaseSync, statements: WritingStatements) {
    this.#database = database;
    this.#statements = statements;
  }

  /** Gives whether there is more to do. */
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

  /** A few rows at a time: dropped as a whole, it would be zeroed at once. */
  #removeOld(): boolean {
    const { isOldThere, removeOld, dropOld } = this.#statements;
    if (isOldThere.get() === undefined) return false;
    // SQLite guards the tables of an index against others than FTS5.
    this.#database.enableDefensive(false);
    try {
      if (this.#database.prepare(removeOld).run(oldRowsPerSlice).changes === 0) this.#database.exec(dropOld);
    } finally {
      this.#database.enableDefensive(true);
    }
    return true;
  }
}
