import { Client } from "pg";

import type { Log } from "../../ports/log.ts";
import { schema } from "./migrate.ts";
import { connectionOf } from "./postgres.ts";

const indexes = {
  /** By which searches go from place to place. */
  message_newest: "message (platform, place, row)",
  /** By which keys are found that nothing is sealed by. */
  message_by_key: "message (key)",
} as const;
const isThere = `SELECT indisvalid AS valid,
    EXISTS (SELECT FROM pg_stat_progress_create_index WHERE index_relid = indexrelid) AS growing
  FROM pg_index WHERE indexrelid = to_regclass($1)`;

/**
 * Makes the indexes of an archive of format 2 that are missing: beside everything else, so that an archive of many millions of
 * messages is not held up (3 million take about 10 s each). Until they are there, searches are slower. What an end of the
 * process leaves unfinished, the next start begins again.
 */
export class BackgroundIndexes implements AsyncDisposable {
  readonly #client: Client;
  readonly #log: Log;
  #isClosing = false;

  constructor(url: string, log: Log) {
    this.#client = new Client({
      ...connectionOf(url),
      query_timeout: undefined,
      statement_timeout: undefined,
    });
    this.#client.on("error", () => undefined);
    this.#log = log;
    void this.#makeAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    await this.#client.end().catch(() => undefined);
  }

  /** Never rejects. */
  async #makeAll(): Promise<void> {
    try {
      await this.#client.connect();
      for (const [name, on] of Object.entries(indexes)) await this.#make(name, on);
    } catch (error) {
      if (this.#isClosing) return;
      const code = error instanceof Error && "code" in error ? String(error.code) : "no answer";
      this.#log.warn(
        { code },
        "an index of the archive could not be made: searches are slower until the next start",
      );
    } finally {
      await this.#client.end().catch(() => undefined);
    }
  }

  async #make(name: string, on: string): Promise<void> {
    const client = this.#client;
    const { rows } = await client.query<{ valid: boolean; growing: boolean }>(isThere, [`${schema}.${name}`]);
    const [found] = rows;
    if (found !== undefined && (found.valid || found.growing)) return;
    if (found !== undefined) await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${schema}.${name}`);
    await client.query(`CREATE INDEX CONCURRENTLY IF NOT EXISTS ${name} ON ${schema}.${on}`);
  }
}
