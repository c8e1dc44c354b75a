import { Client } from "pg";

import { makePostgresDatabase, postgresIsMissing } from "../../test/support/postgres-database.ts";
import { startRedisServer } from "../../test/support/redis-server.ts";
import type { Contestant } from "./contestants.ts";

/** Servers of one contestant. */
interface OpenStores extends AsyncDisposable {
  /** What it needs to find them. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Starts a Redis and makes a database, where the contestant uses them. Without Postgres the archive is SQLite. */
export async function openStores({
  usesRedis,
  usesPostgres,
}: Pick<Contestant, "usesRedis" | "usesPostgres">): Promise<OpenStores> {
  await using opened = new AsyncDisposableStack();
  const settings: Record<string, string> = {};
  if (usesRedis) settings["REDIS_URL"] = opened.use(await startRedisServer()).url;
  if (usesPostgres && postgresIsMissing === undefined) {
    const { url } = opened.use(await makePostgresDatabase());
    await waitForTheDisk(url);
    settings["DATABASE_URL"] = url;
  }
  const kept = opened.move();
  return { settings, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Databases of tests don't: what was committed must survive here. */
async function waitForTheDisk(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`ALTER DATABASE ${new URL(url).pathname.slice(1)} RESET synchronous_commit`);
  await client.end();
}
