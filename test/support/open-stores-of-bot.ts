import { everythingKept } from "./chaos/everything-kept.ts";
import { archivedIn, everythingIn, filesIn } from "./every-byte.ts";
import { makePostgresDatabase } from "./postgres-database.ts";
import { startRedisServer } from "./redis-server.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** The places where a bot keeps what it knows, and all that stands in them. */
export async function openStoresOfBot(kind: "embedded" | "Redis and Postgres") {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  const stores = { [Symbol.asyncDispose]: () => opened.disposeAsync() };
  if (kind === "embedded") {
    const settings: Record<string, string> = { DATA_DIR: folder.path };
    const everything = (): Promise<string> => everythingKept([folder.path], undefined, undefined);
    return { ...stores, settings, everything };
  }
  const redis = opened.use(await startRedisServer("--appendonly", "yes", "--aof-use-rdb-preamble", "no"));
  const postgres = opened.use(await makePostgresDatabase());
  const settings: Record<string, string> = {
    DATA_DIR: folder.path,
    REDIS_URL: redis.url,
    DATABASE_URL: postgres.url,
  };
  const everything = async (): Promise<string> =>
    [filesIn(folder.path), await everythingIn(redis), await archivedIn(postgres.url)].join("\n");
  return { ...stores, settings, everything };
}
