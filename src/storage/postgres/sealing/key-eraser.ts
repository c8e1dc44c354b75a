import { setImmediate } from "node:timers/promises";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { keysPerBlock, removeKeys, readCover, writeCover } from "./key-tree.ts";
import type { KeyKind } from "./keys.ts";
import { withArchiveLocked } from "../database/locked-transactions.ts";
import { schema } from "../database/migrate.ts";
import { isLockedOut, type Postgres } from "../database/postgres.ts";
import type { Row, Query } from "../database/query.ts";

const kinds: readonly KeyKind[] = ["message", "head"];
const mostAtOnce = 5_000;
/** A reader holds a part for some milliseconds, a backup for as long as it takes. */
const lockMs = 500;
const rewriteTries = 8;
const firstPauseMs = 25;

/** See the sequences of both kinds. */
const blocksOf = { message: "block < 4294967296", head: "block >= 4294967296" } as const;

const sql = {
  canSettle: `SELECT FROM pg_index WHERE indexrelid = to_regclass('${schema}.message_by_key') AND indisvalid`,
  /** Up to the last block that has a seed: one that gets it later would give again what was settled without it. */
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
  /** Those above the others are to wait for the next slice. */
  settle: (
    kind: KeyKind,
  ): string => `WITH slice AS (UPDATE ${schema}.settled SET up_to = LEAST($1::bigint, up_to + ${mostAtOnce})
      FROM (SELECT up_to AS old FROM ${schema}.settled WHERE kind = '${kind}' FOR UPDATE) AS before
      WHERE kind = '${kind}' AND up_to < $1 RETURNING old, up_to),
    unused AS (INSERT INTO ${schema}.spent SELECT number FROM slice, generate_series(old + 1, up_to) AS number
      WHERE NOT EXISTS (SELECT FROM ${schema}.${kind} AS live WHERE live.key = number))
    SELECT FROM slice`,
  takeSpent: `DELETE FROM ${schema}.spent WHERE ctid IN (SELECT ctid FROM ${schema}.spent ORDER BY key
    LIMIT ${mostAtOnce} FOR UPDATE SKIP LOCKED) RETURNING key`,
  covers: `SELECT part, block, cover FROM ${schema}.seed
    WHERE (part, block) IN (SELECT (each >> 10) & 7, each FROM unnest($1::bigint[]) AS each) ORDER BY block FOR UPDATE`,
  write: `UPDATE ${schema}.seed SET cover = told.cover FROM unnest($1::bigint[], $2::bytea[]) AS told (block, cover)
    WHERE seed.part = ((told.block >> 10) & 7)::smallint AND seed.block = told.block`,
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
 * Makes sure that no key can be made again by which something was sealed that has gone. Any replica may do it at any time;
 * what is interrupted goes on with the next time. Costs by what has gone since.
 */
export class KeyEraser {
  readonly #ports: Ports;
  #isHeldUp = false;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** @throws {ArchiveError}, or the signal's reason. */
  async erase(signal: AbortSignal): Promise<void> {
    await this.#settle(signal);
    const { postgres } = this.#ports;
    while ((await postgres.transaction(eraseSome, signal)) === mostAtOnce);
    let isClean = true;
    for (const { part } of await postgres.query(sql.unclean, [], signal))
      isClean = (await this.#rewrite(Number(part), signal)) && isClean;
    this.#tell(isClean);
  }

  /** What was rolled back, or refused, has used keys that nothing knows of. */
  async #settle(signal: AbortSignal): Promise<void> {
    const { postgres } = this.#ports;
    if ((await postgres.query(sql.canSettle, [], signal)).length === 0) return;
    const drawn = await postgres.query(sql.drawn, [], signal);
    const open = drawn.filter((row) => Number(row["drawn"]) > Number(row["up_to"]));
    if (open.length === 0) return;
    // Who has drawn one of them by now has come to an end, or did it under this lock later.
    await withArchiveLocked(postgres, async () => undefined, signal);
    for (const { kind, drawn: upTo } of open) {
      const statement = sql.settle(kind === "head" ? "head" : "message");
      while ((await postgres.query(statement, [upTo], signal)).length > 0);
    }
  }

  /** Into a new file, so that the old one goes with the seeds that were replaced. Gives whether it could be done. */
  async #rewrite(part: number, signal: AbortSignal): Promise<boolean> {
    const { postgres, clock } = this.#ports;
    for (let tries = 0; tries < rewriteTries; tries += 1) {
      const work = (query: Query, notices: readonly string[]) => rewritten(query, part, notices);
      const isDone = await postgres.transaction(work, signal).catch((error: unknown) => {
        if (isLockedOut(error)) return false;
        throw error;
      });
      if (isDone) return true;
      await clock.sleep(firstPauseMs * 2 ** tries, signal);
    }
    return false;
  }

  /** Once when it begins, and once when it is over. */
  #tell(isClean: boolean): void {
    const { log } = this.#ports;
    if (!isClean && !this.#isHeldUp)
      log.warn(
        {},
        "keys of what was deleted stay in Postgres' files while an older transaction or a backup is under way; it is tried again",
      );
    if (isClean && this.#isHeldUp) log.info({}, "keys of what was deleted have left Postgres' files");
    this.#isHeldUp = !isClean;
  }
}

/** Gives how many. */
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
  // Also where none is known: one that was rolled back may lie there.
  if (keys.length > 0) await query(sql.soil, [[...blocks.keys()]]);
  return keys.length;
}

function coverWithout({ block, cover }: Row, blocks: ReadonlyMap<number, readonly number[]>): Buffer {
  if (!Buffer.isBuffer(cover)) throw new TypeError("A cover is bytes");
  const positions = new Set(blocks.get(Number(block))?.map((key) => key % keysPerBlock));
  return writeCover(removeKeys(readCover(cover), [...positions]));
}

/** False: it has to be done again. Rows that an older snapshot can see are copied too; Postgres says how many. */
async function rewritten(query: Query, part: number, notices: readonly string[]): Promise<boolean> {
  await query(sql.patience);
  await query(sql.rewrite(part));
  const [kept] = notices.flatMap((detail) => /\d+/u.exec(detail) ?? []);
  if (kept !== "0") return false;
  await query(sql.clean, [part]);
  return true;
}
