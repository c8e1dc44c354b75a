import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { runner } from "node-pg-migrate";
import type { Client } from "pg";

import type { Log } from "../../ports/log.ts";
import { DatabaseError } from "./database-error.ts";

/** Everything of ours lies in it. */
export const schema = "threadkeeper";

const table = "migration";
const folder = fileURLToPath(new URL("migrations/", import.meta.url));

/** Brings the database to what this version knows. Replicas that start together wait for each other. @throws {DatabaseError} */
export async function migrate(client: Client, log: Log): Promise<void> {
  await refuseNewer(client);
  const ran = await runner({
    dbClient: client,
    dir: folder,
    direction: "up",
    schema,
    createSchema: true,
    migrationsTable: table,
    migrationsSchema: schema,
    singleTransaction: true,
    advisoryLockMode: "wait",
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  if (ran.length > 0)
    log.info({ migrations: ran.map(({ name }) => name) }, "the archive's tables were changed");
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
