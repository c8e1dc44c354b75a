import { Client } from "pg";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { sealedColumns } from "./insert-messages.ts";
import { drawKeys } from "../sealing/keys.ts";
import { sql as archiveSql } from "./archive-sql.ts";
import { schema } from "../database/migrate.ts";
import { connectionOf } from "../database/connection-of.ts";
import type { Primary } from "../database/primary.ts";
import { plainContentOf } from "./sealed-message.ts";
import { json } from "../database/storable.ts";
import type { WordHashes } from "./word-hashes.ts";
import type { Row, Query } from "../database/query.ts";

const rowsPerSlice = 200;
const retryMs = 60_000;
const index = `${schema}.message_by_words`;

const sql = {
  progress: `SELECT before_row FROM ${schema}.taking_over`,
  holdProgress: `SELECT before_row FROM ${schema}.taking_over FOR UPDATE SKIP LOCKED`,
  progressTo: `UPDATE ${schema}.taking_over SET before_row = $1`,
  left: `SELECT max(row) + 1 AS before_row FROM ${schema}.message WHERE sealed IS NULL`,
  end: `DELETE FROM ${schema}.taking_over RETURNING 1`,
  dropHalf: `DROP INDEX CONCURRENTLY IF EXISTS ${index}_ccnew`,
  rebuild: `REINDEX INDEX CONCURRENTLY ${index}`,
  analyze: `ANALYZE ${schema}.message`,
} as const;

interface Ports {
  readonly primary: Primary;
  readonly words: WordHashes;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Seals the texts that format 2 stored unsealed, newest first. Runs in slices in the background, on one replica at a
 * time. Continues where it was interrupted.
 */
export class PlainTextSealer implements AsyncDisposable {
  readonly #ports: Ports;
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;
  #client: Client | undefined;
  #isRunning: boolean;

  constructor(ports: Ports, isRunning: boolean) {
    this.#ports = ports;
    this.#isRunning = isRunning;
    this.#ended = isRunning ? this.#runUntilDone(this.#closing.signal) : Promise.resolve();
  }

  /** Whether some texts may still be unsealed. */
  get isRunning(): boolean {
    return this.#isRunning;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#client?.end().catch(() => undefined);
    await this.#ended;
  }

  /** Never rejects. */
  async #runUntilDone(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#ports;
    for (let isReported = false; this.#isRunning && !signal.aborted; isReported = true) {
      try {
        await this.#sealAll(signal);
        if (!this.#isRunning) return;
      } catch (error) {
        const code = error instanceof Error && "code" in error ? String(error.code) : "no answer";
        if (!isReported && !signal.aborted)
          log.warn({ code }, "texts of an older version could not be sealed; retrying every minute");
      }
      await clock.sleep(retryMs, signal).catch(() => undefined);
    }
  }

  /** Seals all rows, unless another replica is doing so. */
  async #sealAll(signal: AbortSignal): Promise<void> {
    const patient = { query_timeout: undefined, statement_timeout: undefined };
    const client = new Client({ ...connectionOf(this.#ports.primary.address), ...patient });
    client.on("error", () => undefined);
    this.#client = client;
    try {
      await client.connect();
      const query: Query = async (statement, values = []) =>
        (await client.query<Row>(statement, [...values])).rows;
      while (await this.#sealSlice(query, signal));
      const [open] = await query(sql.progress);
      if (open === undefined) this.#isRunning = false;
      else if (Number(open["before_row"]) === 0) await this.#finish(query);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Pauses as long as the slice took, for other queries. Returns whether there is more. */
  async #sealSlice(query: Query, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    const startedAtMs = performance.now();
    await query("BEGIN");
    const isMore = await this.#sealSome(query).catch(async (error: unknown) => {
      await query("ROLLBACK").catch(() => undefined);
      throw error;
    });
    await query("COMMIT");
    await this.#ports.clock.sleep(performance.now() - startedAtMs, signal);
    return isMore;
  }

  async #sealSome(query: Query): Promise<boolean> {
    const [held] = await query(sql.holdProgress);
    if (held === undefined || Number(held["before_row"]) === 0) return false;
    const rows = await query(archiveSql.plainRows, [held["before_row"], rowsPerSlice]);
    const keys = await drawKeys(query, "message", rows.length);
    const sealed: object[] = [];
    for (const [at, row] of rows.entries()) {
      const key = keys[at];
      if (key === undefined) continue;
      const words = row["role"] === "notice" ? undefined : this.#ports.words;
      sealed.push({ row: row["row"], ...(await sealedColumns(key, plainContentOf(row), words)) });
    }
    await query(archiveSql.sealRows, [json(sealed)]);
    // Rows that another process was changing may have been skipped.
    const next = rows.at(-1)?.["row"] ?? (await query(sql.left))[0]?.["before_row"] ?? 0;
    await query(sql.progressTo, [next]);
    return true;
  }

  /** Rebuilds the word index, which still holds the plain words. */
  async #finish(query: Query): Promise<void> {
    await query(sql.dropHalf);
    await query(sql.rebuild);
    await query(sql.analyze);
    this.#isRunning = false;
    if ((await query(sql.end)).length === 0) return;
    this.#ports.log.warn(
      {},
      `all texts of the archive are sealed; run VACUUM FULL ${schema}.message once, which locks it for a while. Until then its files hold the unsealed texts`,
    );
  }
}
