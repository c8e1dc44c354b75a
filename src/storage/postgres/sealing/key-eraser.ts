import { setImmediate } from "node:timers/promises";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { keysPerBlock, removeKeys, readCover, writeCover } from "./key-tree.ts";
import type { KeyKind } from "./keys.ts";
import { withArchiveLocked } from "../database/locked-transactions.ts";
import { schema } from "../database/migrate.ts";
import type { Postgres } from "../database/postgres.ts";
import { isLockedOut } from "../database/refusals.ts";
import type { Row, Query } from "../database/query.ts";
import { retryDelayMs } from "../../../async/retry-delay.ts";

const kinds: readonly KeyKind[] = ["message", "head", "file", "feedback"];
const keysPerSlice = 5_000;
/** A reader locks a part for milliseconds, a backup for as long as it runs. */
const lockMs = 500;
const rewriteTries = 8;
const retryPace = { firstMs: 25, longestMs: 3_200 };

/** The block ranges of the sequences. */
const blocksOf = {
  message: "block < 4294967296",
  head: "block >= 4294967296 AND block < 8589934592",
  file: "block >= 8589934592 AND block < 12884901888",
  feedback: "block >= 12884901888",
} as const;

const sql = {
  canSettle: `SELECT FROM pg_index WHERE indexrelid = to_regclass('${schema}.message_by_key') AND indisvalid`,
  /**
   * Up to the last block with a seed. A block that gets its seed later would derive keys that were settled without
   * it.
   */
  drawn: kinds
    .map(
      (kind) => `SELECT '${kind}' AS kind, settled.up_to, LEAST(
          (SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM ${schema}.${kind}_key),
          COALESCE((SELECT max(block) * ${keysPerBlock} + ${keysPerBlock - 1} FROM generate_series(0, 7) AS each, LATERAL (
            SELECT block FROM ${schema}.seed WHERE part = each::smallint AND ${blocksOf[kind]}
            ORDER BY block DESC LIMIT 1) AS last), -1)) AS drawn
      FROM ${schema}.settled WHERE kind = '${kind}'`,
    )
    .join(" UNION ALL "),
  /** Settles up to $1, one slice per call, and spends the keys that seal nothing. */
  settle: (
    kind: KeyKind,
  ): string => `WITH slice AS (UPDATE ${schema}.settled SET up_to = LEAST($1::bigint, up_to + ${keysPerSlice})
      FROM (SELECT up_to AS old FROM ${schema}.settled WHERE kind = '${kind}' FOR UPDATE) AS before
      WHERE kind = '${kind}' AND up_to < $1 RETURNING old, up_to),
    unused AS (INSERT INTO ${schema}.spent SELECT number FROM slice, generate_series(old + 1, up_to) AS number
      WHERE NOT EXISTS (SELECT FROM ${schema}.${kind} AS live WHERE live.key = number))
    SELECT FROM slice`,
  takeSpent: `DELETE FROM ${schema}.spent WHERE ctid IN (SELECT ctid FROM ${schema}.spent ORDER BY key
    LIMIT ${keysPerSlice} FOR UPDATE SKIP LOCKED) RETURNING key`,
  covers: `SELECT part, block, cover FROM ${schema}.seed
    WHERE (part, block) IN (SELECT (each >> 10) & 7, each FROM unnest($1::bigint[]) AS each) ORDER BY block FOR UPDATE`,
  write: `UPDATE ${schema}.seed SET cover = given.cover FROM unnest($1::bigint[], $2::bytea[]) AS given (block, cover)
    WHERE seed.part = ((given.block >> 10) & 7)::smallint AND seed.block = given.block`,
  removeEmpty: `DELETE FROM ${schema}.seed WHERE length(cover) = 0
    AND (part, block) IN (SELECT (each >> 10) & 7, each FROM unnest($1::bigint[]) AS each)`,
  soil: `INSERT INTO ${schema}.unclean SELECT DISTINCT (each >> 10) & 7 FROM unnest($1::bigint[]) AS each
    ON CONFLICT DO NOTHING`,
  unclean: `SELECT part FROM ${schema}.unclean ORDER BY part`,
  clean: `DELETE FROM ${schema}.unclean WHERE part = $1`,
  patience: `SET LOCAL lock_timeout = ${lockMs}`,
  rewrite: (part: number): string => `CLUSTER VERBOSE ${schema}.seed_${part} USING seed_${part}_pkey`,
} as const;

interface Ports {
  readonly postgres: Postgres;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Makes sure that the keys of deleted content can't be derived again. Any replica may run it at any time. An
 * interrupted run is completed by the next. Its cost grows with what was deleted since.
 */
export class KeyEraser {
  readonly #ports: Ports;
  #isBlocked = false;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** @throws {ArchiveError}, or the signal's reason. */
  async erase(signal: AbortSignal): Promise<void> {
    await this.#settle(signal);
    const { postgres } = this.#ports;
    while ((await postgres.transaction(eraseSome, signal)) === keysPerSlice);
    let isClean = true;
    for (const { part } of await postgres.query(sql.unclean, [], signal))
      isClean = (await this.#rewrite(Number(part), signal)) && isClean;
    this.#logState(isClean);
  }

  /** Spends the keys of rolled back and refused inserts, which nothing else records. */
  async #settle(signal: AbortSignal): Promise<void> {
    const { postgres } = this.#ports;
    if ((await postgres.query(sql.canSettle, [], signal)).length === 0) return;
    const drawn = await postgres.query(sql.drawn, [], signal);
    const open = drawn.filter((row) => Number(row["drawn"]) > Number(row["up_to"]));
    if (open.length === 0) return;
    // Every transaction that drew one of them has ended when the lock is granted; later ones draw other keys.
    await withArchiveLocked(postgres, async () => undefined, signal);
    for (const { kind, drawn: upTo } of open) {
      const statement = sql.settle(kinds.find((each) => each === kind) ?? "message");
      while ((await postgres.query(statement, [upTo], signal)).length > 0);
    }
  }

  /**
   * Rewrites a part into a new file, so that the replaced seeds go with the old one. Returns whether it succeeded.
   */
  async #rewrite(part: number, signal: AbortSignal): Promise<boolean> {
    const { postgres, clock } = this.#ports;
    for (let tries = 1; tries <= rewriteTries; tries += 1) {
      const work = (query: Query, notices: readonly string[]) => rewritePart(query, part, notices);
      const isDone = await postgres.transaction(work, signal).catch((error: unknown) => {
        if (isLockedOut(error)) return false;
        throw error;
      });
      if (isDone) return true;
      await clock.sleep(retryDelayMs(tries, retryPace), signal);
    }
    return false;
  }

  /** Logs when it begins and when it ends. */
  #logState(isClean: boolean): void {
    const { log } = this.#ports;
    if (!isClean && !this.#isBlocked)
      log.warn(
        {},
        "keys of deleted texts stay in Postgres' files while an older transaction or a backup runs; end it, or wait. Retrying",
      );
    if (isClean && this.#isBlocked) log.info({}, "keys of deleted texts are gone from Postgres' files");
    this.#isBlocked = !isClean;
  }
}

/** Returns how many keys were erased. */
async function eraseSome(query: Query): Promise<number> {
  const keys = (await query(sql.takeSpent)).map(({ key }) => Number(key));
  const blocks = Map.groupBy(keys, (key) => Math.floor(key / keysPerBlock));
  const known = await query(sql.covers, [[...blocks.keys()]]);
  const covers: Buffer[] = [];
  for (const row of known) {
    covers.push(coverWithout(row, blocks));
    await setImmediate();
  }
  await query(sql.write, [known.map(({ block }) => block), covers]);
  await query(sql.removeEmpty, [known.map(({ block }) => block)]);
  // Also without a row: one that was rolled back may still lie in the file.
  if (keys.length > 0) await query(sql.soil, [[...blocks.keys()]]);
  return keys.length;
}

function coverWithout({ block, cover }: Row, blocks: ReadonlyMap<number, readonly number[]>): Buffer {
  if (!Buffer.isBuffer(cover)) throw new TypeError("A cover is bytes");
  const positions = new Set(blocks.get(Number(block))?.map((key) => key % keysPerBlock));
  return writeCover(removeKeys(readCover(cover), [...positions]));
}

/**
 * False if it has to be repeated. CLUSTER also copies rows that an older snapshot can see, and reports their number.
 */
async function rewritePart(query: Query, part: number, notices: readonly string[]): Promise<boolean> {
  await query(sql.patience);
  await query(sql.rewrite(part));
  const [kept] = notices.flatMap((detail) => /\d+/u.exec(detail) ?? []);
  if (kept !== "0") return false;
  await query(sql.clean, [part]);
  return true;
}
