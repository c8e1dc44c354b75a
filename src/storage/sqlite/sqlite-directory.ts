import type { DatabaseSync, StatementSync } from "node:sqlite";

import { conversationKey, type ConversationKey, type DirectoryEntry } from "../../domain/conversation.ts";
import type { MessageId } from "../../domain/message.ts";
import type { Directory } from "../../ports/directory.ts";

/** The directory in the embedded database; accept and finish keep it up to date in their own transactions. */
export class SqliteDirectory implements Directory {
  readonly #locate: StatementSync;
  readonly #recent: StatementSync;
  readonly #rename: StatementSync;

  constructor(database: DatabaseSync) {
    this.#locate = database.prepare(
      "SELECT conversation FROM located WHERE platform = ? AND place = ? AND message = ?",
    );
    this.#recent = database.prepare(
      "SELECT key, platform, place, title, last_at_ms FROM conversation WHERE platform = ? AND place = ? ORDER BY last_at_ms DESC LIMIT ?",
    );
    this.#rename = database.prepare("UPDATE conversation SET title = ?, is_named = 1 WHERE key = ?");
  }

  readonly locate = async (
    platform: string,
    place: string,
    message: MessageId,
  ): Promise<ConversationKey | undefined> => {
    const row = this.#locate.get(platform, place, message);
    return row === undefined ? undefined : conversationKey(row["conversation"]);
  };

  readonly recent = async (
    platform: string,
    place: string,
    limit: number,
  ): Promise<readonly DirectoryEntry[]> =>
    this.#recent.all(platform, place, limit).map((row) => ({
      conversation: conversationKey(row["key"]),
      platform: String(row["platform"]),
      place: String(row["place"]),
      title: String(row["title"]),
      lastAtMs: Number(row["last_at_ms"]),
    }));

  readonly rename = async (conversation: ConversationKey, title: string): Promise<void> => {
    this.#rename.run(title, conversation);
  };
}
