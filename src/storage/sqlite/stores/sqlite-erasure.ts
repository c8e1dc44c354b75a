import type { DatabaseSync } from "node:sqlite";

import { backgroundInboxOf, type ConversationKey } from "../../../domain/conversation.ts";
import type { MessageId } from "../../../domain/message.ts";
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
    const { removeQuotingEntries, removeEmptyDeadLetters, removeQuarantined, removeLocation } =
      this.#statements;
    const both = [conversation, backgroundInboxOf(conversation)] as const;
    removeQuotingEntries.run(...both, JSON.stringify([...gone, ...changed]));
    removeEmptyDeadLetters.run(...both);
    removeQuarantined.run(...both);
    for (const message of gone) removeLocation.run(conversation, locationKey(message, conversation));
  }
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
    removeQuotingEntries: database.prepare(
      `DELETE FROM dead_letter_entry
       WHERE reference IN (SELECT reference FROM dead_letter WHERE conversation IN (?1, ?2)) AND (may_quote IS NULL
         OR EXISTS (SELECT 1 FROM json_each(may_quote) AS quoted WHERE quoted.value IN (SELECT value FROM json_each(?3))))`,
    ),
    removeEmptyDeadLetters: database.prepare(
      `DELETE FROM dead_letter WHERE conversation IN (?1, ?2)
         AND NOT EXISTS (SELECT 1 FROM dead_letter_entry AS entry WHERE entry.reference = dead_letter.reference)`,
    ),
    removeLocation: database.prepare("DELETE FROM located WHERE conversation = ? AND message = ?"),
  };
}
