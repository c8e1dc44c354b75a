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

/** With fewer writes in the mean, waiting for others costs more than it saves. */
const leastShared = 1.3;
/** While writes don't wait for others, every so many does, to see whether there are any. Odd, so that it is each of two in turn. */
const writesPerLook = 15;

/** Writes that share a transaction, and the reads that saw them. */
interface Group extends PromiseWithResolvers<void> {
  /** Whether it is open until the end of this round of the event loop. */
  readonly isShared: boolean;
  /** What was done, in order. */
  readonly done: (() => void)[];
  writes: number;
}

/**
 * Writes in transactions. In a busy process, those of one round of the event loop share one, and so the cost of its commit. Each
 * runs at once, so that later ones see it. All that they return waits for the commit: nobody acts on what may still be rolled
 * back.
 */
export class Commits {
  readonly #database: DatabaseSync;
  readonly #statements;
  /** That of the open transaction. */
  #open: Group | undefined;
  /** How many writes shared a transaction lately, in the mean. */
  #shared = 2;
  #begun = 0;

  /** Call `commitsOf`. */
  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#statements = prepareStatements(database);
  }

  /**
   * Runs `work` and resolves when it is committed. If it throws, its changes alone are rolled back. `work` may run again, when a
   * later write of the same transaction throws; the last result counts.
   */
  async write<T>(work: () => T): Promise<T> {
    const open = this.#open ?? this.#begin();
    try {
      let result = work();
      open.done.push(() => (result = work()));
      open.writes += 1;
      if (!open.isShared) this.commit();
      await open.promise;
      return result;
    } catch (error) {
      if (this.#open === open) this.#repeatOthers(open);
      if (!open.isShared) this.commit();
      // What it was refused for may be a change that is not committed yet.
      await open.promise;
      throw error;
    }
  }

  /** Runs `work` at once. Settles when all that it may have seen is committed. What is done again is read again. */
  async read<T>(work: () => T): Promise<T> {
    const open = this.#open;
    if (open === undefined) return work();
    let outcome = outcomeOf(work);
    // Some errors of the disk make SQLite roll back. The next write would be on its own.
    if (!this.#database.isTransaction) this.#repeatOthers(open);
    open.done.push(() => (outcome = outcomeOf(work)));
    await open.promise;
    return outcome();
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
      this.#giveUp(open, error);
    }
  }

  #begin(): Group {
    this.#statements.begin.run();
    this.#begun += 1;
    const isShared = this.#shared > leastShared || this.#begun % writesPerLook === 0;
    const open: Group = { ...Promise.withResolvers<void>(), isShared, done: [], writes: 0 };
    // Each of its writes awaits it, and one that throws is its only one at times.
    open.promise.catch(() => undefined);
    this.#open = open;
    if (isShared)
      setImmediate(() => {
        this.#shared += (open.writes - this.#shared) / 8;
        if (this.#open === open) this.commit();
      });
    return open;
  }

  /**
   * Rolls back, and does again what was done before. A savepoint for each write would cost more than this does, since few fail.
   */
  #repeatOthers(open: Group): void {
    try {
      if (this.#database.isTransaction) this.#statements.rollBack.run();
      this.#statements.begin.run();
      for (const each of open.done) each();
    } catch (error) {
      this.#giveUp(open, error);
    }
  }

  #giveUp(open: Group, error: unknown): void {
    this.#open = undefined;
    open.reject(error);
    if (this.#database.isTransaction) this.#statements.rollBack.run();
  }
}

/** Returns what `work` returned, or throws what it threw. */
function outcomeOf<T>(work: () => T): () => T {
  try {
    const result = work();
    return () => result;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    begin: database.prepare("BEGIN IMMEDIATE"),
    commit: database.prepare("COMMIT"),
    rollBack: database.prepare("ROLLBACK"),
  };
}
