import { DatabaseSync, type StatementSync } from "node:sqlite";

type OnError = (error: unknown) => void;

/** A database that tells of each fault, also when its caller says nothing about it. */
export class WatchedDatabase extends DatabaseSync {
  readonly #hear: OnError;

  constructor(file: string, hear: OnError) {
    super(file);
    this.#hear = hear;
  }

  override exec(sql: string): void {
    reportErrors(this.#hear, () => super.exec(sql));
  }

  override prepare(sql: string): StatementSync {
    const statement = reportErrors(this.#hear, () => super.prepare(sql));
    const all = statement.all.bind(statement);
    // With `get`, Node drops the fault of a commit that comes after the first row.
    const get = /\bRETURNING\b/u.test(sql)
      ? (...values: Parameters<typeof all>) => all(...values)[0]
      : statement.get.bind(statement);
    const calls = { run: statement.run.bind(statement), get, all };
    for (const [name, call] of Object.entries(calls)) {
      const told = (...values: readonly unknown[]): unknown =>
        reportErrors(this.#hear, () => Reflect.apply(call, statement, values));
      Object.assign(statement, { [name]: told });
    }
    return statement;
  }
}

function reportErrors<T>(hear: OnError, work: () => T): T {
  try {
    return work();
  } catch (error) {
    hear(error);
    throw error;
  }
}
