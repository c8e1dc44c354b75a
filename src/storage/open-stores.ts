import type { DatabaseSync } from "node:sqlite";

import { Keyv } from "keyv";

import type { Directory } from "../ports/directory.ts";
import type { Ids } from "../ports/ids.ts";
import type { Inbox } from "../ports/inbox.ts";
import type { Journal } from "../ports/journal.ts";
import type { Log } from "../ports/log.ts";
import type { Memory } from "../ports/memory.ts";
import type { Health, Part } from "../ports/part.ts";
import { bytesOf, keyOf, KeyvMemory } from "./keyv/keyv-memory.ts";
import { KeyvSqlite } from "./sqlite/keyv-sqlite.ts";
import { openDatabase } from "./sqlite/open-database.ts";
import { SqliteDirectory } from "./sqlite/sqlite-directory.ts";
import { SqliteInbox } from "./sqlite/sqlite-inbox.ts";
import { SqliteJournal, type MemoryWriter } from "./sqlite/sqlite-journal.ts";

/** Everything that is kept, behind its ports. */
export interface Stores extends Part {
  readonly inbox: Inbox;
  readonly journal: Journal;
  readonly memory: Memory;
  readonly directory: Directory;
}

interface StorePorts {
  readonly ids: Ids;
  readonly log: Log;
}

interface OpenedMemory {
  readonly memory: Memory;
  readonly writer: MemoryWriter;
  readonly health: () => Health;
}

/**
 * Inbox, directory and journal live in SQLite in the data folder; working memory in the same file, or in Redis.
 * @throws {DataFolderError} or {RedisError}, each saying what to do.
 */
export async function openStores(
  settings: { readonly dataDir: string; readonly redisUrl?: string | undefined },
  ports: StorePorts,
): Promise<Stores> {
  await using opening = new AsyncDisposableStack();
  const { database } = opening.use(openDatabase(settings.dataDir));
  const { memory, writer, health } =
    settings.redisUrl === undefined
      ? memoryInSqlite(database, ports)
      : await memoryInRedis(settings.redisUrl, ports, opening);
  const opened = opening.move();
  return {
    name: "store",
    health,
    inbox: new SqliteInbox(database, ports.ids, ports.log),
    journal: new SqliteJournal(database, writer, ports.log),
    memory,
    directory: new SqliteDirectory(database),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function memoryInSqlite(database: DatabaseSync, { ids, log }: StorePorts): OpenedMemory {
  const keyv = new Keyv({ store: new KeyvSqlite(database), useKeyPrefix: false, throwOnErrors: true });
  const set = database.prepare("INSERT OR REPLACE INTO keyv (key, value) VALUES (?, ?)");
  const unset = database.prepare("DELETE FROM keyv WHERE key = ?");
  return {
    memory: new KeyvMemory(keyv, ids, log),
    writer: {
      before: async () => undefined,
      within: (recollection) => void set.run(keyOf(recollection.conversation), bytesOf(recollection)),
      forgetBefore: async () => undefined,
      forgetWithin: (conversation) => void unset.run(keyOf(conversation)),
    },
    health: () => ({ ok: true, why: "" }),
  };
}

async function memoryInRedis(
  url: string,
  { ids, log }: StorePorts,
  opening: AsyncDisposableStack,
): Promise<OpenedMemory> {
  // Nobody who doesn't use Redis loads its client.
  const { openRedisMemory } = await import("./redis/open-redis-memory.ts");
  const redis = opening.use(await openRedisMemory({ url, ids, log }));
  return {
    memory: redis.memory,
    writer: {
      before: redis.memory.remember,
      within: nothing,
      forgetBefore: redis.memory.forget,
      forgetWithin: nothing,
    },
    health: redis.health,
  };
}

function nothing(): void {
  // The memory is elsewhere.
}
