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

const mostAtOnce = 200;
const againAfterMs = 60_000;
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
 * Seals what an archive of format 2 has in the clear, the newest first, in slices, beside everything else, one replica at a
 * time. What is interrupted goes on there.
 */
export class PlainTextSealer implements AsyncDisposable {
  readonly #ports: Ports;
  readonly #closing = new AbortController();
  readonly #ended: Promise<void>;
  #client: Client | undefined;
  #isUnderWay: boolean;

  constructor(ports: Ports, isUnderWay: boolean) {
    this.#ports = ports;
    this.#isUnderWay = isUnderWay;
    this.#ended = isUnderWay ? this.#untilDone(this.#closing.signal) : Promise.resolve();
  }

  /** Whether some of it may still be in the clear. */
  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#client?.end().catch(() => undefined);
    await this.#ended;
  }

  /** Never rejects. */
  async #untilDone(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#ports;
    for (let isReported = false; this.#isUnderWay && !signal.aborted; isReported = true) {
      try {
        await this.#work(signal);
        if (!this.#isUnderWay) return;
      } catch (error) {
        const code = error instanceof Error && "code" in error ? String(error.code) : "no answer";
        if (!isReported && !signal.aborted)
          log.warn({ code }, "texts of an older version could not be sealed; it is tried again");
      }
      await clock.sleep(againAfterMs, signal).catch(() => undefined);
    }
  }

  /** As far as it goes, unless another replica is at it. */
  async #work(signal: AbortSignal): Promise<void> {
    const patient = { query_timeout: undefined, statement_timeout: undefined };
    const client = new Client({ ...connectionOf(this.#ports.primary.address), ...patient });
    client.on("error", () => undefined);
    this.#client = client;
    try {
      await client.connect();
      const query: Query = async (statement, values = []) =>
        (await client.query<Row>(statement, [...values])).rows;
      while (await this.#slice(query, signal));
      const [open] = await query(sql.progress);
      if (open === undefined) this.#isUnderWay = false;
      else if (Number(open["before_row"]) === 0) await this.#finish(query);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Half of the time is for others. Gives whether there is more. */
  async #slice(query: Query, signal: AbortSignal): Promise<boolean> {
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
    const rows = await query(archiveSql.plain, [held["before_row"], mostAtOnce]);
    const keys = await drawKeys(query, "message", rows.length);
    const sealed: object[] = [];
    for (const [at, row] of rows.entries()) {
      const key = keys[at];
      if (key === undefined) continue;
      const words = row["role"] === "notice" ? undefined : this.#ports.words;
      sealed.push({ row: row["row"], ...(await sealedColumns(key, plainContentOf(row), words)) });
    }
    await query(archiveSql.takeOver, [json(sealed)]);
    // What another process was changing may have been left out.
    const next = rows.at(-1)?.["row"] ?? (await query(sql.left))[0]?.["before_row"] ?? 0;
    await query(sql.progressTo, [next]);
    return true;
  }

  /** The words that stood in the index go with it. */
  async #finish(query: Query): Promise<void> {
    await query(sql.dropHalf);
    await query(sql.rebuild);
    await query(sql.analyze);
    this.#isUnderWay = false;
    if ((await query(sql.end)).length === 0) return;
    this.#ports.log.warn(
      {},
      `all texts of the archive are sealed; run VACUUM FULL ${schema}.message once, when it may be locked for a while: until then its files hold them as they were`,
    );
  }
}
