import type { DatabaseSync } from "node:sqlite";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type { ConversationMemory } from "../../../domain/conversation-memory.ts";
import type { MemorySnapshot } from "../../../ports/memory.ts";
import { keyOf, pageKeyOf } from "../../keyv/keyv-memory.ts";
import { idChars, type MemoryPages } from "../../keyv/memory-pages.ts";

/** Working memory in the same file, within the caller's transaction. */
export interface MemoryWriter {
  /** For `Memory.read`. Undefined if that has to ask the store. */
  readonly snapshot: (conversation: ConversationKey) => MemorySnapshot | undefined;
  readonly remember: (memory: ConversationMemory) => void;
  readonly forget: (conversation: ConversationKey) => void;
  /** Moves the bytes of head and pages into the table set_aside, under the reference. */
  readonly quarantine: (conversation: ConversationKey, reference: string) => void;
}

/** Writes the table that KeyvSqlite reads, which must exist. `pages`: those of the KeyvMemory that reads it. */
export function sqliteMemoryWriter(database: DatabaseSync, pages: MemoryPages): MemoryWriter {
  const { set, replace, unset, unsetPages, ...reading } = prepareStatements(database);
  const unsetAll = (conversation: ConversationKey): void => {
    unsetPages.run(pageKeyOf(conversation, ""));
    unset.run(keyOf(conversation));
    pages.forget(conversation);
  };
  return {
    snapshot: (conversation) => {
      const { start, bytes: held, timesForgotten } = pages.heldHead(conversation);
      const row = reading.head.get(keyOf(conversation), start);
      if (row === undefined) return { bytes: null, timesForgotten };
      if (row["is_held"] === 1) return { bytes: held, timesForgotten };
      const bytes = row["bytes"];
      return typeof bytes === "string" ? { bytes, timesForgotten } : undefined;
    },
    remember: (memory) => {
      const { conversation } = memory;
      const key = keyOf(conversation);
      let write = pages.plan(memory);
      if (write.base === "" || replace.run(key, write.base, write.head).changes === 0) {
        write = pages.plan(memory, "all");
        unsetPages.run(pageKeyOf(conversation, ""));
        set.run(key, write.head);
      }
      for (const id of write.gone) unset.run(pageKeyOf(conversation, id));
      for (const { id, bytes } of write.added) set.run(pageKeyOf(conversation, id), bytes);
      // If the transaction is rolled back, no stored head has this stamp.
      pages.written(write);
    },
    forget: unsetAll,
    quarantine: (conversation, reference) => {
      const found = reading.allPages.get(pageKeyOf(conversation, ""))?.["bytes"] ?? null;
      reading.copyAside.run(reference, conversation, Date.now(), found, keyOf(conversation));
      unsetAll(conversation);
    },
  };
}

/** The records of a conversation besides its head, and never the head of a conversation whose key looks like one of them. */
const isPage = `key > ?1 AND key < ?1 || '~' AND octet_length(key) = octet_length(?1) + ${idChars}
  AND NOT EXISTS (SELECT 1 FROM conversation WHERE conversation.key = substr(keyv.key, 8))`;

function prepareStatements(database: DatabaseSync) {
  return {
    set: database.prepare("INSERT OR REPLACE INTO keyv (key, value) VALUES (?, ?)"),
    unset: database.prepare("DELETE FROM keyv WHERE key = ?"),
    unsetPages: database.prepare(`DELETE FROM keyv WHERE ${isPage}`),
    // Node makes no text of a head that is held.
    head: database.prepare(
      `SELECT is_held, CASE WHEN is_held = 0 THEN value END AS bytes
       FROM (SELECT value, ?2 <> '' AND substr(value, 1, length(?2)) = ?2 AS is_held FROM keyv WHERE key = ?1)`,
    ),
    replace: database.prepare(
      "UPDATE keyv SET value = ?3 WHERE key = ?1 AND substr(value, 1, length(?2)) = ?2",
    ),
    allPages: database.prepare(`SELECT group_concat(value, char(10)) AS bytes FROM keyv WHERE ${isPage}`),
    copyAside: database.prepare(
      `INSERT INTO set_aside (reference, conversation, at_ms, record)
       SELECT ?1, ?2, ?3, CASE WHEN ?4 IS NULL THEN value ELSE value || char(10) || ?4 END FROM keyv WHERE key = ?5`,
    ),
  };
}
