import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";

import { createClient } from "@keyv/redis";

import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { systemClock } from "../../../src/runtime/clock.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { openRedisStores } from "../../../src/storage/redis/open-redis-stores.ts";
import { openSqliteStores } from "../../../src/storage/sqlite/open-sqlite-stores.ts";
import type { Stores } from "../../../src/storage/stores.ts";
import { putEmptyDatabases } from "../sqlite/empty-databases.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { RecordingLog } from "./recording-log.ts";

/** A hot store that the test can empty or roll back. */
export interface HotStore extends AsyncDisposable {
  readonly stores: Stores;
  /** Removes everything. */
  readonly lose: () => Promise<unknown>;
  /** Removes only the memories, as Redis does when it evicts keys. */
  readonly evict: () => Promise<unknown>;
  /** Names pages that do not exist in place of the first ones of the memories. */
  readonly losePages: () => Promise<unknown>;
  /** Returns a function that restores the present state. */
  readonly backUp: () => Promise<() => Promise<unknown>>;
  /** Its whole content as text. */
  readonly holds: () => Promise<string>;
}

const listeners = () => ({
  interruptions: new InProcessInterruptions(),
  broadcast: new InProcessBroadcast(),
});

/** The head of a memory with another name for its first page, as another process would have stored it. */
const withoutPage = (head: string): string =>
  head.replace(/"pages":\["[^"]+/u, '"pages":["lostpage').replace(/"stamp":"[^"]+/u, '"stamp":"otherone');

export async function openSqliteHotStore(): Promise<HotStore> {
  const opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryFolder());
  await putEmptyDatabases(folder.path);
  const stores = opened.use(
    await openSqliteStores(folder.path, { ids, inbounds, log: new RecordingLog(), listeners: listeners() }),
  );
  const beside = new DatabaseSync(join(folder.path, "threadkeeper.sqlite"));
  opened.defer(() => beside.close());
  const tables = beside
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'epoch'")
    .all()
    .map(({ name }) => String(name));
  const lose = async (): Promise<void> => {
    for (const table of tables) beside.exec(`DELETE FROM ${table}`);
  };
  const evict = async () => beside.exec("DELETE FROM keyv");
  const losePages = async (): Promise<void> => {
    const write = beside.prepare("UPDATE keyv SET value = ? WHERE key = ?");
    for (const { key, value } of beside.prepare("SELECT key, value FROM keyv").all())
      write.run(withoutPage(String(value)), String(key));
  };
  const rows = () => tables.map((table) => ({ table, rows: beside.prepare(`SELECT * FROM ${table}`).all() }));
  const backUp = async () => {
    const kept = rows();
    return async (): Promise<void> => {
      await lose();
      for (const { table, rows: each } of kept) for (const row of each) insert(table, row);
    };
  };
  const insert = (table: string, row: Readonly<Record<string, SQLInputValue>>): void => {
    const names = Object.keys(row);
    const places = names.map(() => "?").join(", ");
    beside
      .prepare(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${places})`)
      .run(...Object.values(row));
  };
  const holds = async (): Promise<string> => JSON.stringify(rows());
  return {
    stores,
    lose,
    evict,
    losePages,
    backUp,
    holds,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

export async function openRedisHotStore(url: string): Promise<HotStore> {
  const opened = new AsyncDisposableStack();
  const ports = {
    waitMs: 60_000,
    ids,
    inbounds,
    clock: systemClock,
    log: new RecordingLog(),
    listeners: listeners(),
  };
  const stores = opened.use(await openRedisStores(url, ports));
  const client = createClient({ url });
  client.on("error", () => undefined);
  await client.connect();
  opened.defer(() => client.destroy());
  const lose = async (): Promise<unknown> => client.flushDb();
  const evict = async () => client.del(await client.keys("threadkeeper::memory:*"));
  const losePages = async (): Promise<void> => {
    for (const name of await client.keys("threadkeeper::memory:*"))
      await client.set(name, withoutPage((await client.get(name)) ?? ""));
  };
  const dump = async () => {
    const all = client.withTypeMapping({ 36: Buffer });
    const names = await client.keys("*");
    const dumped = await Promise.all(names.map(async (name) => ({ name, bytes: await all.dump(name) })));
    // Some live for half a second only.
    return dumped.flatMap(({ name, bytes }) => (bytes === null ? [] : [{ name, bytes: Buffer.from(bytes) }]));
  };
  const backUp = async () => {
    const kept = await dump();
    return async (): Promise<void> => {
      await lose();
      for (const { name, bytes } of kept) await client.restore(name, 0, bytes, { REPLACE: true });
    };
  };
  const holds = async (): Promise<string> => {
    const lua = `local all = {}
for _, key in ipairs(redis.call("KEYS", "*")) do
  local kind, value = redis.call("TYPE", key).ok, ""
  if kind == "string" then value = redis.call("GET", key)
  elseif kind == "hash" then value = table.concat(redis.call("HGETALL", key), " ")
  elseif kind == "set" then value = table.concat(redis.call("SMEMBERS", key), " ")
  elseif kind == "zset" then value = table.concat(redis.call("ZRANGE", key, 0, -1), " ") end
  all[#all + 1] = key .. " " .. value
end
return table.concat(all, "\\n")`;
    return JSON.stringify(await client.eval(lua));
  };
  return {
    stores,
    lose,
    evict,
    losePages,
    backUp,
    holds,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
