import type { DatabaseSync } from "node:sqlite";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type { ConversationMemory } from "../../../domain/conversation-memory.ts";
import { bytesOf, keyOf } from "../../keyv/keyv-memory.ts";

/** Writes working memory to the same file, within the caller's transaction. */
export interface MemoryWriter {
  readonly remember: (memory: ConversationMemory) => void;
  readonly forget: (conversation: ConversationKey) => void;
  /** Moves the bytes into the table set_aside, under the reference. */
  readonly quarantine: (conversation: ConversationKey, reference: string) => void;
}

/** Writes the table that KeyvSqlite reads, which must exist. */
export function sqliteMemoryWriter(database: DatabaseSync): MemoryWriter {
  const set = database.prepare("INSERT OR REPLACE INTO keyv (key, value) VALUES (?, ?)");
  const unset = database.prepare("DELETE FROM keyv WHERE key = ?");
  const copyAside = database.prepare(
    "INSERT INTO set_aside (reference, conversation, at_ms, record) SELECT ?, ?, ?, value FROM keyv WHERE key = ?",
  );
  return {
    remember: (memory) => void set.run(keyOf(memory.conversation), bytesOf(memory)),
    forget: (conversation) => void unset.run(keyOf(conversation)),
    quarantine: (conversation, reference) => {
      copyAside.run(reference, conversation, Date.now(), keyOf(conversation));
      unset.run(keyOf(conversation));
    },
  };
}
