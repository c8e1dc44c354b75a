import { randomBytes } from "node:crypto";

import { Client, DatabaseError } from "pg";

const server = process.env["TEST_POSTGRES_URL"] ?? "postgres://postgres@127.0.0.1:5432/postgres";

/** Postgres' code for a database that somebody uses. It has waited for five seconds then. */
const inUse = "55006";

/** Why there is no Postgres to test with. Undefined if there is one. */
export const postgresIsMissing: string | undefined = await whyMissing();

async function whyMissing(): Promise<string | undefined> {
  const client = new Client({ connectionString: server, connectionTimeoutMillis: 20_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return `(skipped: no Postgres: ${error instanceof Error ? error.message : "unknown"})`;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A database for one test. */
export interface PostgresDatabase extends AsyncDisposable {
  readonly url: string;
}

/** Creates a database, and drops it at the end with all its sessions. `how`: options of CREATE DATABASE. */
export async function makePostgresDatabase(how = ""): Promise<PostgresDatabase> {
  const name = `threadkeeper_test_${randomBytes(6).toString("hex")}`;
  // No test stops this server, so commits need not wait for the disk.
  const hasty = `ALTER DATABASE ${name} SET synchronous_commit = off`;
  await onServer(`CREATE DATABASE ${name} ${how}`, hasty);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    [Symbol.asyncDispose]: () => onServer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function onServer(...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: server });
  client.on("error", () => undefined);
  await client.connect();
  try {
    for (const sql of statements) await queryOnceFree(client, sql);
  } finally {
    await client.end();
  }
}

/** A session that has ended stays for a moment, on a busy machine for seconds, and keeps its database in use. */
async function queryOnceFree(client: Client, sql: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await client.query(sql);
      return;
    } catch (error) {
      if (tries === 6 || !(error instanceof DatabaseError && error.code === inUse)) throw error;
    }
  }
}
