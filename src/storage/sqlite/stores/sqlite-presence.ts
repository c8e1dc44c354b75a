import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { Presence } from "../../../ports/presence.ts";
import { StoreError } from "../../../ports/store-error.ts";
import { commitsOf, type Commits } from "../connection/commits.ts";

/** The presence in the embedded database. */
export class SqlitePresence implements Presence {
  readonly #commits: Commits;
  readonly #mark: StatementSync;
  readonly #last: StatementSync;

  constructor(database: DatabaseSync) {
    this.#commits = commitsOf(database);
    this.#mark = database.prepare("INSERT OR REPLACE INTO presence (id, at_ms) VALUES (1, ?)");
    this.#last = database.prepare("SELECT at_ms FROM presence");
  }

  readonly mark = async (nowMs: number): Promise<void> => {
    try {
      await this.#commits.write(() => this.#mark.run(nowMs));
    } catch (cause) {
      throw new StoreError("The presence can't be written", { cause });
    }
  };

  readonly last = async (): Promise<number | undefined> => {
    const atMs = (await this.#commits.read(() => this.#last.get()))?.["at_ms"];
    return atMs === undefined ? undefined : Number(atMs);
  };
}
