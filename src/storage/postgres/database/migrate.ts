import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { Client } from "pg";

import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { DatabaseError } from "./database-error.ts";

/** The schema of all our tables. */
export const schema = "threadkeeper";

const table = "migration";
const folder = fileURLToPath(new URL("../migrations/", import.meta.url));

/** A two-number lock, like those of the archive. */
const lock = "SELECT pg_try_advisory_xact_lock(6, 0) AS mine";
const retryMs = 250;
const logAfterMs = 1_000;
const maxWaitMs = 300_000;
const quiet = { debug: nothing, info: nothing, warn: nothing, error: nothing };

interface Ports {
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Brings the tables to this version, in one transaction. Replicas that start together wait for each other. The lock
 * is the transaction's, because a pooler's connection would keep a session's lock.
 * @throws {DatabaseError}
 */
export async function migrate(client: Client, { clock, log }: Ports): Promise<void> {
  const startedAtMs = clock.nowMs();
  for (let isLogged = false; ;) {
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
    if (waitedMs > maxWaitMs) throw new DatabaseError(stuck);
    if (waitedMs > logAfterMs && !isLogged) {
      isLogged = true;
      log.info({}, "another replica is changing the archive's tables; waiting for it");
    }
    await clock.sleep(retryMs, new AbortController().signal);
  }
}

const stuck = `DATABASE_URL: another replica has been changing the archive's tables for ${maxWaitMs / 60_000} minutes. See its log, and the advisory lock (6, 0) in pg_locks.`;

/** Ends the transaction. */
async function migrateAlone(client: Client, log: Log): Promise<void> {
  if (await isUpToDate(client)) {
    await client.query("COMMIT");
    return;
  }
  const { rows } = await client.query("SELECT to_regnamespace($1) AS found", [schema]);
  // A user without the right to create a schema may use an existing one.
  if (rows[0]?.found === null) await client.query(`CREATE SCHEMA ${schema}`);
  await client.query(`SET LOCAL search_path TO ${schema}`);
  // A start seldom needs it, and it brings much with it.
  const { runner } = await import("node-pg-migrate");
  const ran = await runner({
    dbClient: client,
    dir: folder,
    direction: "up",
    migrationsTable: table,
    migrationsSchema: schema,
    // Its BEGIN has no effect within ours, and its COMMIT ends ours.
    singleTransaction: true,
    noLock: true,
    logger: quiet,
  });
  if (ran.length > 0)
    log.info({ migrations: ran.map(({ name }) => name) }, "the archive's tables were changed");
  else await client.query("COMMIT");
}

function nothing(): void {
  // Faults are thrown as well.
}

/** Did each migration run? @throws {DatabaseError} for one of a newer version: this one can't know what it changed. */
async function isUpToDate(client: Client): Promise<boolean> {
  const known = readdirSync(folder).map((file) => file.replace(/\.sql$/u, ""));
  const { rows: tables } = await client.query("SELECT to_regclass($1) AS found", [`${schema}.${table}`]);
  if (tables[0]?.found === null) return false;
  const { rows } = await client.query(`SELECT name FROM ${schema}.${table} ORDER BY id`);
  const ran = rows.map(({ name }) => String(name));
  const unknown = ran.filter((name) => !known.includes(name));
  if (unknown.length === 0) return known.every((name) => ran.includes(name));
  throw new DatabaseError(
    `DATABASE_URL: a newer Threadkeeper changed the archive (${unknown.join(", ")}). Start that version again, restore a backup from before its first start, or give another database.`,
  );
}
