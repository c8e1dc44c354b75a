import type { DatabaseSync } from "node:sqlite";

import type { Preferences } from "../../../domain/preferences.ts";
import type { PreferenceChange, PreferenceStore } from "../../../ports/preferences.ts";
import { preferencesIn } from "../../records/preference-record.ts";
import { type Transactions, orStoreError, transactionsOf } from "../connection/transaction.ts";

/** How people want to be answered, in the embedded database. */
export class SqlitePreferences implements PreferenceStore {
  readonly #transactions: Transactions;
  readonly #statements;

  constructor(database: DatabaseSync) {
    this.#transactions = transactionsOf(database);
    this.#statements = {
      find: database.prepare("SELECT language, length FROM preference WHERE platform = ? AND person = ?"),
      change: database.prepare(
        `INSERT INTO preference (platform, person, language, length, changed_at_ms) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET language = COALESCE(excluded.language, language),
            length = COALESCE(excluded.length, length), changed_at_ms = excluded.changed_at_ms`,
      ),
      drop: database.prepare(
        "DELETE FROM preference WHERE platform = ? AND person = ? AND changed_at_ms < ?",
      ),
    };
  }

  readonly find = async (platform: string, person: string): Promise<Preferences> =>
    orStoreError(
      this.#transactions.read(() => {
        const row = this.#statements.find.get(platform, person);
        return preferencesIn({ language: row?.["language"], length: row?.["length"] });
      }),
    );

  readonly change = async (
    platform: string,
    person: string,
    { language, length, atMs }: PreferenceChange,
  ): Promise<void> => {
    await orStoreError(
      this.#transactions.write(() =>
        this.#statements.change.run(platform, person, language ?? null, length ?? null, Math.round(atMs)),
      ),
    );
  };

  readonly drop = async (platform: string, person: string, beforeMs: number): Promise<void> => {
    await orStoreError(this.#transactions.write(() => this.#statements.drop.run(platform, person, beforeMs)));
  };
}
