import Keyv from "keyv";

import type { Directory } from "../ports/directory.ts";
import type { Ids } from "../ports/ids.ts";
import type { Inbox } from "../ports/inbox.ts";
import type { Journal } from "../ports/journal.ts";
import type { Log } from "../ports/log.ts";
import type { Memory } from "../ports/memory.ts";
import type { Part } from "../ports/part.ts";
import { KeyvMemory } from "./keyv/keyv-memory.ts";
import { openRedisMemory } from "./redis/open-redis-memory.ts";
import { KeyvSqlite } from "./sqlite/keyv-sqlite.ts";
import { openDatabase } from "./sqlite/open-database.ts";
import { SqliteDirectory } from "./sqlite/sqlite-directory.ts";
import { SqliteInbox } from "./sqlite/sqlite-inbox.ts";
import { SqliteJournal } from "./sqlite/sqlite-journal.ts";

/** Everything that is kept, behind its ports. */
export interface Stores extends Part {
  readonly inbox: Inbox;
  readonly journal: Journal;
  readonly memory: Memory;
  readonly directory: Directory;
}

/**
 * Inbox, directory and journal live in SQLite in the data folder; working memory in the same file, or in Redis.
 * @throws {DataFolderError}, or when Redis can't be reached.
 */
export async function openStores(
  settings: { readonly dataDir: string; readonly redisUrl?: string },
  ports: { readonly ids: Ids; readonly log: Log },
): Promise<Stores> {
  await using opening = new AsyncDisposableStack();
  const { database } = opening.use(openDatabase(settings.dataDir));
}
