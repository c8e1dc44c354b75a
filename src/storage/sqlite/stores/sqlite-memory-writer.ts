import type { DatabaseSync } from "node:sqlite";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type { ConversationMemory } from "../../../domain/conversation-memory.ts";
import { bytesOf, keyOf } from "../../keyv/keyv-memory.ts";

/** Writes working memory into the same file, within the transaction of whoever calls. */
export interface MemoryWriter {
  readonly remember: (memory: ConversationMemory) => void;
  readonly forget: (conversation: ConversationKey) => void;
  /** Into the table set_aside, under the reference, byte for byte. */
  readonly quarantine: (conversation: ConversationKey, reference: string) => void;
}

/** Where KeyvSqlite reads; its table must be there. */
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
