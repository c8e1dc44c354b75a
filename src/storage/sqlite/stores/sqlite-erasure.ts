import type { DatabaseSync } from "node:sqlite";

import { backgroundInboxOf, type ConversationKey } from "../../../domain/conversation.ts";
import type { MessageId } from "../../../domain/message.ts";
import { readInbound } from "../../records/inbound-schema.ts";
import { mayQuote } from "../../records/may-quote.ts";
import { locationKey } from "./location-key.ts";
import type { MemoryWriter } from "./sqlite-memory-writer.ts";

/** The erasures of a finish, within its transaction. */
export class SqliteErasure {
  readonly #memoryWriter: MemoryWriter;
  readonly #statements;

  constructor(database: DatabaseSync, memoryWriter: MemoryWriter) {
    this.#memoryWriter = memoryWriter;
    this.#statements = prepareStatements(database);
  }

  /**
   * Erases a conversation. Messages after the erasure are still waiting and belong to the conversation that begins
   * again. If none wait, the conversation is unknown from now on.
   */
  eraseConversation(conversation: ConversationKey): void {
    const {
      firstWaiting,
      removeLocations,
      removeAuthors,
      removeDeadLetters,
      removeQuarantined,
      resetSync,
      clearListing,
      clearLocation,
    } = this.#statements;
    const first = firstWaiting.get(conversation)?.["first"] ?? null;
    this.#memoryWriter.forget(conversation);
    for (const statement of [removeLocations, removeAuthors]) statement.run(conversation, first);
    for (const statement of [removeDeadLetters, removeQuarantined])
      statement.run(conversation, backgroundInboxOf(conversation));
    for (const statement of [resetSync, clearListing]) statement.run(conversation);
    if (first === null) clearLocation.run(conversation);
  }

  /**
   * Removes what quotes the given messages, in their present or former text. Unreadable entries may quote any
   * message.
   */
  eraseTraces(
    conversation: ConversationKey,
    gone: readonly MessageId[],
    changed: readonly MessageId[],
  ): void {
    const { letters, replaceEntries, removeDeadLetter, removeQuarantined, removeLocation } = this.#statements;
    const messages = new Set([...gone, ...changed]);
    for (const { reference, entries } of letters.all(conversation, backgroundInboxOf(conversation))) {
      const before = entriesOf(entries);
      const after = before.filter((entry) => {
        const inbound = readInbound(entry);
        return inbound !== undefined && !mayQuote(inbound, messages);
      });
      if (after.length === 0) removeDeadLetter.run(String(reference));
      else if (after.length < before.length) replaceEntries.run(JSON.stringify(after), String(reference));
    }
    removeQuarantined.run(conversation, backgroundInboxOf(conversation));
    for (const message of gone) removeLocation.run(conversation, locationKey(message, conversation));
  }
}

/** The entries of a dead letter, as stored in its column. */
export function entriesOf(column: unknown): readonly string[] {
  const entries: unknown = JSON.parse(String(column));
  return Array.isArray(entries) ? entries.map(String) : [];
}

function prepareStatements(database: DatabaseSync) {
  return {
    firstWaiting: database.prepare("SELECT MIN(seq) AS first FROM inbox WHERE conversation = ?"),
    removeLocations: database.prepare(
      "DELETE FROM located WHERE conversation = ?1 AND (?2 IS NULL OR seq < ?2)",
    ),
    removeAuthors: database.prepare(
      "DELETE FROM author WHERE conversation = ?1 AND (?2 IS NULL OR seq < ?2)",
    ),
    removeDeadLetters: database.prepare("DELETE FROM dead_letter WHERE conversation IN (?, ?)"),
    removeQuarantined: database.prepare("DELETE FROM set_aside WHERE conversation IN (?, ?)"),
    clearListing: database.prepare(
      `UPDATE conversation SET title = '', is_named = 0, is_shared = 0, last_message = NULL WHERE key = ?`,
    ),
    resetSync: database.prepare(
      "UPDATE conversation SET revision = 0, unfiled_since_ms = NULL WHERE key = ?",
    ),
    clearLocation: database.prepare(
      "UPDATE conversation SET platform = '', place = '', last_at_ms = 0 WHERE key = ?",
    ),
    letters: database.prepare("SELECT reference, entries FROM dead_letter WHERE conversation IN (?, ?)"),
    replaceEntries: database.prepare("UPDATE dead_letter SET entries = ? WHERE reference = ?"),
    removeDeadLetter: database.prepare("DELETE FROM dead_letter WHERE reference = ?"),
    removeLocation: database.prepare("DELETE FROM located WHERE conversation = ? AND message = ?"),
  };
}
