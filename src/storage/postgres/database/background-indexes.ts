import { setTimeout as sleep } from "node:timers/promises";

import { Client } from "pg";

import type { Log } from "../../../ports/log.ts";
import { schema } from "./migrate.ts";
import { connectionOf } from "./connection-of.ts";
import type { Primary } from "./primary.ts";

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
 * messages is not held up (3 million take about 10 s each). Until they are there, searches are slower. What an outage of
 * Postgres or an end of the process leaves unfinished is begun again.
 */
export class BackgroundIndexes implements AsyncDisposable {
  readonly #closing = new AbortController();
  #client: Client | undefined;

  constructor(primary: Primary, log: Log, againMs = 60_000) {
    void this.#makeAll(primary, log, againMs);
  }

  /** What was being made is not waited for: a client that is ended while it connects never says that it has. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#client?.end().catch(() => undefined);
  }

  /** Never rejects. */
  async #makeAll(primary: Primary, log: Log, againMs: number): Promise<void> {
    const { signal } = this.#closing;
    for (let isTold = false; !signal.aborted;) {
      try {
        await this.#tryAll(primary);
        return;
      } catch (error) {
        if (signal.aborted) return;
        const code = error instanceof Error && "code" in error ? String(error.code) : "no answer";
        if (!isTold)
          log.warn({ code }, "an index of the archive could not be made: searches are slower until it can");
        isTold = true;
      }
      await sleep(againMs, undefined, { ref: false, signal }).catch(() => undefined);
    }
  }

  async #tryAll({ address }: Primary): Promise<void> {
    const client = new Client({
      ...connectionOf(address),
      query_timeout: undefined,
      statement_timeout: undefined,
    });
    client.on("error", () => undefined);
    this.#client = client;
    try {
      await client.connect();
      for (const [name, on] of Object.entries(indexes)) await make(client, name, on);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

async function make(client: Client, name: string, on: string): Promise<void> {
  const { rows } = await client.query<{ valid: boolean; growing: boolean }>(isThere, [`${schema}.${name}`]);
  const [found] = rows;
  if (found !== undefined && (found.valid || found.growing)) return;
  if (found !== undefined) await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${schema}.${name}`);
  await client.query(`CREATE INDEX CONCURRENTLY IF NOT EXISTS ${name} ON ${schema}.${on}`);
}
