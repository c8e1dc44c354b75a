import { setTimeout as sleep } from "node:timers/promises";

import { Client } from "pg";

import type { Log } from "../../../ports/log.ts";
import { schema } from "./migrate.ts";
import { connectionOf } from "./connection-of.ts";
import type { Primary } from "./primary.ts";

const indexes = {
  /** For searches by place. */
  message_newest: "message (platform, place, row)",
  /** For finding keys that seal nothing. */
  message_by_key: "message (key)",
} as const;
const indexState = `SELECT indisvalid AS valid,
    EXISTS (SELECT FROM pg_stat_progress_create_index WHERE index_relid = indexrelid) AS growing
  FROM pg_index WHERE indexrelid = to_regclass($1)`;

/**
 * Creates indexes that an archive of format 2 lacks, in the background, because an archive of millions of messages
 * would be blocked (3 million take about 10 s each). Until then searches are slower. Retries after an outage, and at
 * the next start.
 */
export class BackgroundIndexes implements AsyncDisposable {
  readonly #closing = new AbortController();
  #client: Client | undefined;

  constructor(primary: Primary, log: Log, retryMs = 60_000) {
    void this.#createAll(primary, log, retryMs);
  }

  /**
   * Doesn't wait for the running statement: a client that is ended while it connects never reports that it has ended.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#client?.end().catch(() => undefined);
  }

  /** Never rejects. */
  async #createAll(primary: Primary, log: Log, retryMs: number): Promise<void> {
    const { signal } = this.#closing;
    for (let isLogged = false; !signal.aborted;) {
      try {
        await this.#tryCreateAll(primary);
        return;
      } catch (error) {
        if (signal.aborted) return;
        const code = error instanceof Error && "code" in error ? String(error.code) : "no answer";
        if (!isLogged)
          log.warn(
            { code },
            "an index of the archive could not be created; searches are slower until then. Check the user's rights and the disk",
          );
        isLogged = true;
      }
      await sleep(retryMs, undefined, { ref: false, signal }).catch(() => undefined);
    }
  }

  async #tryCreateAll({ address }: Primary): Promise<void> {
    const client = new Client({
      ...connectionOf(address),
      query_timeout: undefined,
      statement_timeout: undefined,
    });
    client.on("error", () => undefined);
    this.#client = client;
    try {
      await client.connect();
      for (const [name, on] of Object.entries(indexes)) await createIndex(client, name, on);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

async function createIndex(client: Client, name: string, on: string): Promise<void> {
  const { rows } = await client.query<{ valid: boolean; growing: boolean }>(indexState, [
    `${schema}.${name}`,
  ]);
  const [found] = rows;
  if (found !== undefined && (found.valid || found.growing)) return;
  if (found !== undefined) await client.query(`DROP INDEX CONCURRENTLY IF EXISTS ${schema}.${name}`);
  await client.query(`CREATE INDEX CONCURRENTLY IF NOT EXISTS ${name} ON ${schema}.${on}`);
}
