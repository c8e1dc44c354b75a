import { Client } from "pg";

import type { Log } from "../../ports/log.ts";
import { schema } from "./migrate.ts";
import { connectionOf } from "./postgres.ts";

const name = "message_newest";
const isThere = `SELECT indisvalid AS valid,
    EXISTS (SELECT FROM pg_stat_progress_create_index WHERE index_relid = indexrelid) AS growing
  FROM pg_index WHERE indexrelid = to_regclass('${schema}.${name}')`;

/**
 * Makes the index by which searches go from place to place, where it is missing: beside everything else, so that an archive
 * of many millions of messages is not held up (3 million take about 10 s). Until it is there, searches are slower. What an
 * end of the process leaves unfinished, the next start begins again.
 */
export class PlaceIndex implements AsyncDisposable {
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
    void this.#make();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    await this.#client.end().catch(() => undefined);
  }

  /** Never rejects. */
  async #make(): Promise<void> {
    const client = this.#client;
    try {
      await client.connect();
      const { rows } = await client.query<{ valid: boolean; growing: boolean }>(isThere);
      const [found] = rows;
      if (found !== undefined && (found.valid || found.growing)) return;
      if (found !== undefined) await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${schema}.${name}`);
      await client.query(
        `CREATE INDEX CONCURRENTLY IF NOT EXISTS ${name} ON ${schema}.message (platform, place, row)`,
      );
    } catch (error) {
      if (this.#isClosing) return;
      const code = error instanceof Error && "code" in error ? String(error.code) : "no answer";
      this.#log.warn(
        { code },
        "an index of the archive could not be made: searches are slower until the next start",
      );
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
