import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { Installation } from "../../../domain/installation.ts";
import type { InstallationEntry, Installations } from "../../../ports/installations.ts";
import {
  openInstallation,
  requireInstallation,
  sealInstallation,
  type SecretKeys,
} from "../../records/sealed-installation.ts";
import { openSecondConnection } from "../database/open-database.ts";
import { type Transactions, orStoreError, transactionsOf } from "../connection/transaction.ts";

/** The installations in the embedded database. */
export class SqliteInstallations implements Installations {
  readonly #transactions: Transactions;
  readonly #keys: SecretKeys;
  readonly #put: StatementSync;
  readonly #find: StatementSync;
  readonly #list: StatementSync;
  readonly #remove: StatementSync;

  constructor(database: DatabaseSync, keys: SecretKeys) {
    this.#transactions = transactionsOf(database);
    this.#keys = keys;
    this.#put = database.prepare(
      "INSERT OR REPLACE INTO installation (platform, id, sealed) VALUES (?, ?, ?)",
    );
    this.#find = database.prepare("SELECT sealed FROM installation WHERE platform = ? AND id = ?");
    this.#list = database.prepare("SELECT id, sealed FROM installation WHERE platform = ? ORDER BY id");
    this.#remove = database.prepare("DELETE FROM installation WHERE platform = ? AND id = ?");
  }

  readonly put = async (installation: Installation): Promise<void> => {
    const sealed = sealInstallation(installation, this.#keys);
    await orStoreError(
      this.#transactions.write(() => this.#put.run(installation.platform, installation.id, sealed)),
    );
  };

  readonly find = async (platform: string, id: string): Promise<Installation | undefined> => {
    const row = await orStoreError(this.#transactions.read(() => this.#find.get(platform, id)));
    return row === undefined
      ? undefined
      : requireInstallation({ platform, id }, String(row["sealed"]), this.#keys);
  };

  readonly list = async (platform: string): Promise<readonly InstallationEntry[]> =>
    (await orStoreError(this.#transactions.read(() => this.#list.all(platform)))).map((row) => {
      const id = String(row["id"]);
      const opened = openInstallation({ platform, id }, String(row["sealed"]), this.#keys);
      return { id, isReadable: opened !== undefined };
    });

  readonly remove = async (platform: string, id: string): Promise<boolean> =>
    orStoreError(this.#transactions.write(() => this.#remove.run(platform, id).changes > 0));
}

/**
 * Works next to a running bot in the same folder.
 * @throws {DataFolderError} if there is no data of this version.
 */
export async function openSqliteInstallations(
  dataDir: string,
  keys: SecretKeys,
): Promise<{ readonly installations: Installations } & AsyncDisposable> {
  const second = openSecondConnection(dataDir);
  return {
    installations: new SqliteInstallations(second.database, keys),
    [Symbol.asyncDispose]: async () => second[Symbol.dispose](),
  };
}
