import type { DatabaseSync } from "node:sqlite";

import type { ConversationHead } from "../../../domain/archived-conversation.ts";
import { conversationKey, type ConversationKey } from "../../../domain/conversation.ts";
import { headRecordOf } from "../../records/head-record.ts";

/** Writes conversation heads within the caller's transaction. */
export class HeadWriter {
  readonly #statements;

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
  }

  /**
   * Replaces a head of an older or the same revision. A listed head is not replaced by an unlisted one of the same
   * revision: that conversation is archived.
   */
  save(head: ConversationHead): void {
    const { keep, dropSpeakers, keepSpeaker } = this.#statements;
    const { conversation, platform, place, ...record } = headRecordOf(head);
    const { changes } = keep.run(
      conversation,
      platform,
      place,
      record.revision,
      record.nextOrdinal,
      record.record,
      record.title,
      record.isNamed ? 1 : 0,
      record.lastAtMs,
    );
    if (changes === 0) return;
    const speakers = head.memory.speakers.map(({ id }) => id);
    dropSpeakers.run(conversation, JSON.stringify(speakers));
    for (const author of speakers) keepSpeaker.run(platform, author, conversation);
  }

  /** See ArchivedConversations.expireHeads. */
  expire(beforeMs: number, max: number): readonly ConversationKey[] {
    const gone = this.#statements.expire
      .all(beforeMs, max)
      .map((row) => conversationKey(row["conversation"]));
    for (const each of gone) this.#statements.dropSpeakers.run(each, "[]");
    return gone;
  }

  rename(conversation: ConversationKey, title: string): void {
    this.#statements.rename.run(title, conversation);
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    keep: database.prepare(
      `INSERT INTO head (conversation, platform, place, revision, next_ordinal, record, title, is_named, last_at_ms,
         synced_at_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, CAST(unixepoch('subsec') * 1000 AS INTEGER))
       ON CONFLICT (conversation) DO UPDATE SET platform = excluded.platform, place = excluded.place,
         revision = excluded.revision, next_ordinal = excluded.next_ordinal, record = excluded.record,
         title = excluded.title, is_named = excluded.is_named, last_at_ms = excluded.last_at_ms,
         synced_at_ms = excluded.synced_at_ms
       WHERE excluded.revision > revision OR (excluded.revision = revision AND (excluded.title IS NOT NULL OR title IS NULL))`,
    ),
    dropSpeakers: database.prepare(
      "DELETE FROM head_speaker WHERE conversation = ? AND author NOT IN (SELECT value FROM json_each(?))",
    ),
    keepSpeaker: database.prepare(
      "INSERT OR IGNORE INTO head_speaker (platform, author, conversation) VALUES (?, ?, ?)",
    ),
    expire: database.prepare(
      `DELETE FROM head WHERE conversation IN (SELECT conversation FROM head
         WHERE synced_at_ms < ?1 AND last_at_ms < ?1
           AND NOT EXISTS (SELECT 1 FROM message WHERE message.conversation = head.conversation) LIMIT ?2)
       RETURNING conversation`,
    ),
    rename: database.prepare(
      "UPDATE head SET title = ?, is_named = 1 WHERE conversation = ? AND title IS NOT NULL",
    ),
  };
}
