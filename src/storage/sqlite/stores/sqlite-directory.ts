import type { DatabaseSync, StatementSync } from "node:sqlite";

import { conversationKey, type ConversationKey, type DirectoryEntry } from "../../../domain/conversation.ts";
import type { MessageId } from "../../../domain/message.ts";
import { quotedId } from "../../../domain/quoted.ts";
import type { ActiveConversation, Directory } from "../../../ports/directory.ts";
import { transactionsOf, type Transactions } from "../connection/transaction.ts";

const maxActive = 10_000;

/** The directory in the embedded database. The transactions of accept and finish update it. */
export class SqliteDirectory implements Directory {
  readonly #transactions: Transactions;
  readonly #locate: StatementSync;
  readonly #quoting: StatementSync;
  readonly #recent: StatementSync;
  readonly #entry: StatementSync;
  readonly #active: StatementSync;
  readonly #ofAuthor: StatementSync;
  readonly #rename: StatementSync;

  constructor(database: DatabaseSync) {
    this.#transactions = transactionsOf(database);
    this.#locate = database.prepare(
      "SELECT conversation FROM located WHERE platform = ? AND place = ? AND message = ?",
    );
    this.#quoting = database.prepare(
      "SELECT conversation FROM located WHERE platform = ? AND place = ? AND message > ? AND message < ?",
    );
    this.#recent = database.prepare(
      "SELECT key, platform, place, title, last_at_ms FROM conversation WHERE platform = ? AND place = ? ORDER BY last_at_ms DESC LIMIT ?",
    );
    this.#entry = database.prepare(
      "SELECT key, platform, place, title, last_at_ms FROM conversation WHERE key = ? AND platform <> ''",
    );
    this.#active = database.prepare(
      "SELECT key, place, last_message FROM conversation WHERE platform = ? AND last_at_ms >= ? ORDER BY last_at_ms DESC LIMIT ?",
    );
    this.#ofAuthor = database.prepare(
      `SELECT key, conversation.platform, place, title, last_at_ms FROM author JOIN conversation ON key = conversation
       WHERE author.platform = ? AND author = ? AND at_ms >= ? ORDER BY at_ms DESC LIMIT ?`,
    );
    this.#rename = database.prepare(
      `UPDATE conversation SET title = ?, is_named = 1, unfiled_since_ms = COALESCE(unfiled_since_ms, ?)
       WHERE key = ? AND platform <> ''`,
    );
  }

  readonly locate = async (
    platform: string,
    place: string,
    message: MessageId,
  ): Promise<ConversationKey | undefined> => {
    const row = await this.#transactions.read(() => this.#locate.get(platform, place, message));
    return row === undefined ? undefined : conversationKey(row["conversation"]);
  };

  readonly quoting: Directory["quoting"] = async (platform, place, message) => {
    const id = quotedId(message);
    const rows = await this.#transactions.read(() =>
      this.#quoting.all(platform, place, `${id}\n`, `${id}\v`),
    );
    return rows.map((row) => conversationKey(row["conversation"]));
  };

  readonly recent = async (
    platform: string,
    place: string,
    limit: number,
  ): Promise<readonly DirectoryEntry[]> =>
    this.#transactions.read(() => this.#recent.all(platform, place, limit).map(directoryEntry));

  readonly all = this.recent;

  readonly entry = async (conversation: ConversationKey): Promise<DirectoryEntry | undefined> =>
    this.#transactions.read(() => this.#entry.all(conversation).map(directoryEntry)[0]);

  readonly ofAuthor = (platform: string, author: string, limit: number): Promise<readonly DirectoryEntry[]> =>
    this.writtenSince(platform, author, { sinceMs: 0, limit });

  readonly writtenSince = async (
    platform: string,
    author: string,
    { sinceMs, limit }: { readonly sinceMs: number; readonly limit: number },
  ): Promise<readonly DirectoryEntry[]> =>
    this.#transactions.read(() => this.#ofAuthor.all(platform, author, sinceMs, limit).map(directoryEntry));

  readonly active = async (platform: string, sinceMs: number): Promise<readonly ActiveConversation[]> =>
    this.#transactions.read(() => this.#active.all(platform, sinceMs, maxActive).map(activeConversation));

  readonly rename = async (conversation: ConversationKey, title: string): Promise<void> => {
    // Marked as pending, so that the archive gets the new title.
    await this.#transactions.write(() => this.#rename.run(title, Date.now(), conversation));
  };
}

function directoryEntry(row: Readonly<Record<string, unknown>>): DirectoryEntry {
  return {
    conversation: conversationKey(row["key"]),
    platform: String(row["platform"]),
    place: String(row["place"]),
    title: String(row["title"]),
    lastAtMs: Number(row["last_at_ms"]),
  };
}

function activeConversation(row: Readonly<Record<string, unknown>>): ActiveConversation {
  const known = { conversation: conversationKey(row["key"]), place: String(row["place"]) };
  const lastMessage = row["last_message"];
  return typeof lastMessage === "string" ? { ...known, lastMessage } : known;
}
