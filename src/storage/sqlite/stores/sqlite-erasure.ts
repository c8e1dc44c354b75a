import type { DatabaseSync } from "node:sqlite";

import { backgroundInboxOf, type ConversationKey } from "../../../domain/conversation.ts";
import type { MessageId } from "../../../domain/message.ts";
import { readInbound } from "../../records/inbound-schema.ts";
import { mayQuote } from "../../records/may-quote.ts";
import { locationKey } from "./location-key.ts";
import type { MemoryWriter } from "./sqlite-memory-writer.ts";

/** Takes away what is to go, within the transaction of a finish. */
export class SqliteErasure {
  readonly #memoryWriter: MemoryWriter;
  readonly #statements;

  constructor(database: DatabaseSync, memoryWriter: MemoryWriter) {
    this.#memoryWriter = memoryWriter;
    this.#statements = prepareStatements(database);
  }

  /**
   * Everything of a conversation. What was said after the erasure waits still, and belongs to a conversation that begins
   * anew; where nothing waits, it is unknown from now on.
   */
  eraseConversation(conversation: ConversationKey): void {
    const { firstWaiting, unlocate, unwrite, unbury, unquarantined, unfile, empty, unlist } =
      this.#statements;
    const first = firstWaiting.get(conversation)?.["first"] ?? null;
    this.#memoryWriter.forget(conversation);
    for (const statement of [unlocate, unwrite]) statement.run(conversation, first);
    for (const statement of [unbury, unquarantined])
      statement.run(conversation, backgroundInboxOf(conversation));
    for (const statement of [unfile, empty]) statement.run(conversation);
    if (first === null) unlist.run(conversation);
  }

  /** What else quotes messages of a conversation, as they are or were. What can't be read may quote any. */
  eraseTraces(
    conversation: ConversationKey,
    gone: readonly MessageId[],
    changed: readonly MessageId[],
  ): void {
    const { letters, truncate, unburyOne, unquarantined, unlocateOne } = this.#statements;
    const messages = new Set([...gone, ...changed]);
    for (const { reference, entries } of letters.all(conversation, backgroundInboxOf(conversation))) {
      const before = entriesOf(entries);
      const after = before.filter((entry) => {
        const inbound = readInbound(entry);
        return inbound !== undefined && !mayQuote(inbound, messages);
      });
      if (after.length === 0) unburyOne.run(String(reference));
      else if (after.length < before.length) truncate.run(JSON.stringify(after), String(reference));
    }
    unquarantined.run(conversation, backgroundInboxOf(conversation));
    for (const message of gone) unlocateOne.run(conversation, locationKey(message, conversation));
  }
}

/** The entries of a dead letter, as its column keeps them. */
export function entriesOf(column: unknown): readonly string[] {
  const entries: unknown = JSON.parse(String(column));
  return Array.isArray(entries) ? entries.map(String) : [];
}

function prepareStatements(database: DatabaseSync) {
  return {
    firstWaiting: database.prepare("SELECT MIN(seq) AS first FROM inbox WHERE conversation = ?"),
    unlocate: database.prepare("DELETE FROM located WHERE conversation = ?1 AND (?2 IS NULL OR seq < ?2)"),
    unwrite: database.prepare("DELETE FROM author WHERE conversation = ?1 AND (?2 IS NULL OR seq < ?2)"),
    unbury: database.prepare("DELETE FROM dead_letter WHERE conversation IN (?, ?)"),
    unquarantined: database.prepare("DELETE FROM set_aside WHERE conversation IN (?, ?)"),
    empty: database.prepare(
      `UPDATE conversation SET title = '', is_named = 0, is_shared = 0, last_message = NULL WHERE key = ?`,
    ),
    unfile: database.prepare("UPDATE conversation SET revision = 0, unfiled_since_ms = NULL WHERE key = ?"),
    unlist: database.prepare(
      "UPDATE conversation SET platform = '', place = '', last_at_ms = 0 WHERE key = ?",
    ),
    letters: database.prepare("SELECT reference, entries FROM dead_letter WHERE conversation IN (?, ?)"),
    truncate: database.prepare("UPDATE dead_letter SET entries = ? WHERE reference = ?"),
    unburyOne: database.prepare("DELETE FROM dead_letter WHERE reference = ?"),
    unlocateOne: database.prepare("DELETE FROM located WHERE conversation = ? AND message = ?"),
  };
}
