import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { runner } from "node-pg-migrate";
import type { Client } from "pg";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { DatabaseError } from "./database-error.ts";

/** Everything of ours lies in it. */
export const schema = "threadkeeper";

const table = "migration";
const folder = fileURLToPath(new URL("../migrations/", import.meta.url));

/** Of the two-number kind, beside those of the archive. */
const lock = "SELECT pg_try_advisory_xact_lock(6, 0) AS mine";
const lookEveryMs = 250;
const tellAfterMs = 1_000;
const longestWaitMs = 300_000;
const quiet = { debug: nothing, info: nothing, warn: nothing, error: nothing };

interface Ports {
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Brings the database to what this version knows, in one transaction. Replicas that start together wait for each other, by a
 * lock of the transaction: a lock of the session would stay in a pooler's connection when its session is gone.
 * @throws {DatabaseError}
 */
export async function migrate(client: Client, { clock, log }: Ports): Promise<void> {
  const startedAtMs = clock.nowMs();
  for (let isTold = false; ;) {
    await client.query("BEGIN");
    try {
      const { rows } = await client.query(lock);
      if (rows[0]?.mine === true) return await migrateAlone(client, log);
    } catch (error) {
      await client.query("ROLLBACK").catch(nothing);
      throw error;
    }
    await client.query("ROLLBACK");
    const waitedMs = clock.nowMs() - startedAtMs;
    if (waitedMs > longestWaitMs) throw new DatabaseError(stuck);
    if (waitedMs > tellAfterMs && !isTold) {
      isTold = true;
      log.info({}, "another replica changes the archive's tables; waiting for it");
    }
    await clock.sleep(lookEveryMs, new AbortController().signal);
  }
}

const stuck = `DATABASE_URL: another replica has been changing the archive's tables for ${longestWaitMs / 60_000} minutes. See its log, and the advisory lock (6, 0) in pg_locks.`;

/** Ends the transaction. */
async function migrateAlone(client: Client, log: Log): Promise<void> {
  await refuseNewer(client);
  const { rows } = await client.query("SELECT to_regnamespace($1) AS found", [schema]);
  // Who may not create one may use one that is there.
  if (rows[0]?.found === null) await client.query(`CREATE SCHEMA ${schema}`);
  await client.query(`SET LOCAL search_path TO ${schema}`);
  const ran = await runner({
    dbClient: client,
    dir: folder,
    direction: "up",
    migrationsTable: table,
    migrationsSchema: schema,
    // Its BEGIN does nothing within ours, and its COMMIT ends ours.
    singleTransaction: true,
    noLock: true,
    logger: quiet,
  });
  if (ran.length > 0)
    log.info({ migrations: ran.map(({ name }) => name) }, "the archive's tables were changed");
  else await client.query("COMMIT");
}

function nothing(): void {
  // Its faults are thrown too.
}

/** What a newer version has made of the tables, this one can't know. */
async function refuseNewer(client: Client): Promise<void> {
  const known = new Set(readdirSync(folder).map((file) => file.replace(/\.sql$/u, "")));
  const { rows: tables } = await client.query("SELECT to_regclass($1) AS found", [`${schema}.${table}`]);
  if (tables[0]?.found === null) return;
  const { rows } = await client.query(`SELECT name FROM ${schema}.${table} ORDER BY id`);
  const unknown = rows.map(({ name }) => String(name)).filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new DatabaseError(
    `DATABASE_URL: the archive was changed by a newer Threadkeeper (${unknown.join(", ")}). Use that version, or another database.`,
  );
}
