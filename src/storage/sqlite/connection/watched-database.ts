import { DatabaseSync, type StatementSync } from "node:sqlite";

type Hear = (error: unknown) => void;

/** A database that tells of each fault, also when its caller says nothing about it. */
export class WatchedDatabase extends DatabaseSync {
  readonly #hear: Hear;

  constructor(file: string, hear: Hear) {
    super(file);
    this.#hear = hear;
  }

  override exec(sql: string): void {
    heard(this.#hear, () => super.exec(sql));
  }

  override prepare(sql: string): StatementSync {
    const statement = heard(this.#hear, () => super.prepare(sql));
    const all = statement.all.bind(statement);
    // With `get`, Node drops the fault of a commit that comes after the first row.
    const get = /\bRETURNING\b/u.test(sql)
      ? (...values: Parameters<typeof all>) => all(...values)[0]
      : statement.get.bind(statement);
    const calls = { run: statement.run.bind(statement), get, all };
    for (const [name, call] of Object.entries(calls)) {
      const told = (...values: readonly unknown[]): unknown =>
        heard(this.#hear, () => Reflect.apply(call, statement, values));
      Object.assign(statement, { [name]: told });
    }
    return statement;
  }
}

function heard<T>(hear: Hear, work: () => T): T {
  try {
    return work();
  } catch (error) {
    hear(error);
    throw error;
  }
}
