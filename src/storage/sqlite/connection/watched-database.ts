import { DatabaseSync, type StatementSync } from "node:sqlite";

type OnError = (error: unknown) => void;

/** A database that reports every error to `onError`, even if the caller handles it. */
export class WatchedDatabase extends DatabaseSync {
  readonly #onError: OnError;

  constructor(file: string, onError: OnError) {
    super(file);
    this.#onError = onError;
  }

  override exec(sql: string): void {
    reportErrors(this.#onError, () => super.exec(sql));
  }

  override prepare(sql: string): StatementSync {
    const statement = reportErrors(this.#onError, () => super.prepare(sql));
    const all = statement.all.bind(statement);
    // With `get`, Node loses the error of a commit after the first row.
    const get = /\bRETURNING\b/u.test(sql)
      ? (...values: Parameters<typeof all>) => all(...values)[0]
      : statement.get.bind(statement);
    const calls = { run: statement.run.bind(statement), get, all };
    for (const [name, call] of Object.entries(calls)) {
      const reporting = (...values: readonly unknown[]): unknown =>
        reportErrors(this.#onError, () => Reflect.apply(call, statement, values));
      Object.assign(statement, { [name]: reporting });
    }
    return statement;
  }
}

function reportErrors<T>(onError: OnError, work: () => T): T {
  try {
    return work();
  } catch (error) {
    onError(error);
    throw error;
  }
}
