import type { DatabaseSync } from "node:sqlite";

import { hasSeveralPeople } from "../../../domain/people-in.ts";
import type { ConversationMemory } from "../../../domain/conversation-memory.ts";
import type { Archived } from "../../../ports/memory.ts";

/** Restores a conversation's directory entries, within the transaction of Journal.restore. */
export class SqliteRestoring {
  readonly #statements;

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
  }

  restoreEntries(memory: ConversationMemory, { syncedRevision, listing }: Archived): void {
    const { conversation, platform, place, revision, speakers } = memory;
    const { count, list, write, unmark } = this.#statements;
    const isShared = Number(hasSeveralPeople(memory));
    unmark.run(conversation);
    count.run(revision, syncedRevision, isShared, Date.now(), conversation);
    if (listing === undefined) return;
    const { title, isNamed = false, lastAtMs } = listing;
    list.run(platform, place, lastAtMs, title, Number(isNamed), conversation);
    for (const { id } of speakers) write.run(platform, id, conversation, lastAtMs);
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    count: database.prepare(
      `UPDATE conversation SET revision = ?1, filed = ?2, is_shared = ?3,
         unfiled_since_ms = CASE WHEN ?1 > ?2 THEN COALESCE(unfiled_since_ms, ?4) ELSE unfiled_since_ms END
       WHERE key = ?5`,
    ),
    list: database.prepare(
      `UPDATE conversation SET
         platform = CASE WHEN platform = '' THEN ?1 ELSE platform END,
         place = CASE WHEN platform = '' THEN ?2 ELSE place END,
         last_at_ms = CASE WHEN platform = '' THEN ?3 ELSE last_at_ms END,
         title = CASE WHEN is_named = 1 THEN title ELSE ?4 END,
         is_named = MAX(is_named, ?5)
       WHERE key = ?6`,
    ),
    unmark: database.prepare("DELETE FROM resting WHERE conversation = ?"),
    write: database.prepare(
      "INSERT OR IGNORE INTO author (platform, author, conversation, seq, at_ms) VALUES (?, ?, ?, 0, ?)",
    ),
  };
}
