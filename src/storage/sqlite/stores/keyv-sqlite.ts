import type { DatabaseSync, SQLInputValue } from "node:sqlite";

import type { KeyvStoreAdapter, StoredData } from "keyv";

import { transactionsOf, type Transactions } from "../connection/transaction.ts";

/**
 * A Keyv store in a table of an open SQLite database that belongs to the caller. Columns: `key` (Keyv's, with its
 * namespace), `value` (Keyv's bytes) and `expires_at_ms`.
 */
export class KeyvSqlite implements KeyvStoreAdapter {
  /** Keyv allows iteration for this dialect. */
  readonly opts = { dialect: "sqlite", url: "" };
  namespace?: string;
  readonly #transactions: Transactions;
  readonly #statements;

  constructor(database: DatabaseSync) {
    database.exec(
      "CREATE TABLE IF NOT EXISTS keyv (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at_ms INTEGER) WITHOUT ROWID",
    );
    this.#transactions = transactionsOf(database);
    this.#statements = prepareStatements(database);
  }

  async get<Value>(key: string): Promise<StoredData<Value> | undefined> {
    const row = await this.#row(key);
    return row === undefined ? undefined : bytesOf<StoredData<Value>>(row["value"]);
  }

  async getMany<Value>(keys: string[]): Promise<(StoredData<Value> | undefined)[]> {
    const rows = await this.#transactions.read(() =>
      keys.map((key) => this.#statements.get.get(key, Date.now())),
    );
    return rows.map((row) => row && bytesOf<StoredData<Value>>(row["value"]));
  }

  async set(key: string, value: SQLInputValue, ttlMs?: number): Promise<boolean> {
    await this.#transactions.write(() => this.#statements.set.run(key, value, expiry(ttlMs)));
    return true;
  }

  async delete(key: string): Promise<boolean> {
    return this.#transactions.write(() => this.#statements.delete.run(key).changes === 1);
  }

  async has(key: string): Promise<boolean> {
    return (await this.#row(key)) !== undefined;
  }

  /** Only this namespace; everything if there is none. */
  async clear(): Promise<void> {
    const { from, to } = this.#range();
    await this.#transactions.write(() => this.#statements.clear.run(from, to));
  }

  async *iterator<Value>(): AsyncGenerator<(string | Awaited<Value> | undefined)[], void> {
    const { from, to } = this.#range();
    const rows = await this.#transactions.read(() => this.#statements.list.all(from, to, Date.now()));
    for (const row of rows) {
      yield [String(row["key"]), bytesOf<Awaited<Value>>(row["value"])];
    }
  }

  async disconnect(): Promise<void> {
    // The database belongs to the caller.
  }

  on(): this {
    // Every error is thrown to the caller, so there is nothing to emit.
    return this;
  }

  #row(key: string): Promise<Record<string, unknown> | undefined> {
    return this.#transactions.read(() => this.#statements.get.get(key, Date.now()));
  }

  /** From the namespace's first key to the first key after it. Unlike LIKE, a range needs no escaping. */
  #range(): { readonly from: string; readonly to: SQLInputValue } {
    // SQLite sorts every BLOB after every text.
    if (this.namespace === undefined) return { from: "", to: new Uint8Array() };
    // The character after ":" is ";".
    return { from: `${this.namespace}:`, to: `${this.namespace};` };
  }
}

function expiry(ttlMs: number | undefined): number | null {
  return ttlMs === undefined || ttlMs === 0 ? null : Date.now() + ttlMs;
}

/** Keyv types the stored bytes by the value they stand for. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- that is how Keyv types them
function bytesOf<Bytes>(value: unknown): Bytes {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return value as Bytes;
}

function prepareStatements(database: DatabaseSync) {
  return {
    get: database.prepare(
      "SELECT value FROM keyv WHERE key = ? AND (expires_at_ms IS NULL OR expires_at_ms > ?)",
    ),
    set: database.prepare(
      `INSERT INTO keyv (key, value, expires_at_ms) VALUES (?, ?, ?)
       ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at_ms = excluded.expires_at_ms`,
    ),
    delete: database.prepare("DELETE FROM keyv WHERE key = ?"),
    clear: database.prepare("DELETE FROM keyv WHERE key >= ? AND key < ?"),
    list: database.prepare(
      "SELECT key, value FROM keyv WHERE key >= ? AND key < ? AND (expires_at_ms IS NULL OR expires_at_ms > ?) ORDER BY key",
    ),
  };
}
