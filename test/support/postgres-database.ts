import { randomBytes } from "node:crypto";

import { Client, DatabaseError } from "pg";

const usual = process.env["TEST_POSTGRES_URL"] ?? "postgres://postgres@127.0.0.1:5432/postgres";
let server = usual;

/** Postgres' code for a database that somebody uses. It has waited for five seconds then. */
const inUse = "55006";

/** Why there is no Postgres to test with. Undefined if there is one. */
export const postgresIsMissing: string | undefined = await whyMissing();

async function whyMissing(): Promise<string | undefined> {
  const client = new Client({ connectionString: usual, connectionTimeoutMillis: 20_000 });
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

/** Databases are made on this server from now on; undefined: on the usual one again. */
export function makeDatabasesOn(url: string | undefined): void {
  server = url ?? usual;
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
  const at = server;
  await runOn(at, `CREATE DATABASE ${name} ${how}`, hasty);
  const drop = () => runOn(at, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  const url = new URL(at);
  url.pathname = `/${name}`;
  return { url: url.href, [Symbol.asyncDispose]: drop };
}

async function runOn(address: string, ...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: address });
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
