import type { DatabaseSync } from "node:sqlite";

/** Of each connection, since two would end each other's transactions. */
const ofConnection = new WeakMap<DatabaseSync, Commits>();

/** The commits of one connection. All its reads and writes must go through them. */
export function commitsOf(database: DatabaseSync): Commits {
  const known = ofConnection.get(database);
  if (known !== undefined) return known;
  const commits = new Commits(database);
  ofConnection.set(database, commits);
  return commits;
}

/**
 * Writes in transactions. After `share`, those of one round of the event loop share a transaction, and so the cost of its
 * commit. Each runs at once, so that later ones see it. All that they return waits for the commit: nobody acts on what may
 * still be rolled back.
 */
export class Commits {
  readonly #database: DatabaseSync;
  readonly #statements;
  /** Settled by the commit of the open transaction. */
  #open: PromiseWithResolvers<void> | undefined;
  #isShared = false;

  /** Call `commitsOf`. */
  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepareStatements(database);
  }

  /**
   * Lets writes of the same turn of the event loop share a commit. The bot does not call it: the stores take less CPU with it,
   * and the whole bot is not faster (docs/performance.md).
   */
  share(): void {
    this.#isShared = true;
    // A savepoint keeps a copy of each page that it changes, with people's words, and no erasure cleans a temporary file.
    this.#database.exec("PRAGMA temp_store = MEMORY");
  }

  /** Runs `work` and resolves when it is committed. If it throws, its changes alone are rolled back. */
  async write<T>(work: () => T): Promise<T> {
    const isFirst = this.#open === undefined;
    const open = this.#open ?? this.#begin();
    try {
      // The error of the first one rolls back everything, which is its own.
      const result = isFirst ? work() : this.#inSavepoint(work);
      if (!this.#isShared) this.commit();
      return result;
    } catch (error) {
      if (isFirst || !this.#database.isTransaction) this.#rollBack(error);
      throw error;
    } finally {
      await open.promise;
    }
  }

  /** Like `write`, after everything before it is committed: SQLite keeps no copy of what it changes in a temporary file. */
  async writeAlone<T>(work: () => T): Promise<T> {
    this.commit();
    return this.write(work);
  }

  /** Runs `work` at once. Resolves when all that it may have seen is committed. */
  async read<T>(work: () => T): Promise<T> {
    const result = work();
    await this.#open?.promise;
    return result;
  }

  /** Commits now. Its errors go to those whose writes are lost. */
  commit(): void {
    const open = this.#open;
    if (open === undefined) return;
    try {
      this.#statements.commit.run();
      this.#open = undefined;
      open.resolve();
    } catch (error) {
      this.#rollBack(error);
    }
  }

  #begin(): PromiseWithResolvers<void> {
    this.#statements.begin.run();
    const open = Promise.withResolvers<void>();
    this.#open = open;
    if (this.#isShared)
      setImmediate(() => {
        if (this.#open === open) this.commit();
      });
    return open;
  }

  #inSavepoint<T>(work: () => T): T {
    const { save, release, rollBackTo } = this.#statements;
    save.run();
    try {
      const result = work();
      release.run();
      return result;
    } catch (error) {
      // After some errors SQLite has rolled back the whole transaction.
      if (this.#database.isTransaction) {
        rollBackTo.run();
        release.run();
      }
      throw error;
    }
  }

  #rollBack(error: unknown): void {
    const open = this.#open;
    this.#open = undefined;
    if (this.#database.isTransaction) this.#statements.rollBack.run();
    open?.reject(error);
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    begin: database.prepare("BEGIN IMMEDIATE"),
    commit: database.prepare("COMMIT"),
    rollBack: database.prepare("ROLLBACK"),
    save: database.prepare("SAVEPOINT one_write"),
    release: database.prepare("RELEASE one_write"),
    rollBackTo: database.prepare("ROLLBACK TO one_write"),
  };
}
