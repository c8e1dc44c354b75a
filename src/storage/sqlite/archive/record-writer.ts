import type { DatabaseSync } from "node:sqlite";

import type { ConversationKey } from "../../../domain/conversation.ts";
import type { Erasure } from "../../../domain/conversation-memory.ts";
import type { TurnRecord } from "../../../domain/turn-record.ts";
import { recordRowOf } from "../../records/turn-record-row.ts";
import type { AuthorErasure } from "./archive-writer.ts";

/**
 * Writes turn records within the caller's transaction. The tombstone of a message removes the records that name it: see the
 * triggers in archive-migrations.ts.
 */
export class RecordWriter {
  readonly #statements;

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
  }

  /** Stores a record, unless what it names or its author is erased. Idempotent. */
  save(record: TurnRecord): void {
    const { keep, name } = this.#statements;
    const { id, conversation, platform, place, author, ordinal, atMs, names } = recordRowOf(record);
    const kept = keep.run(
      id,
      conversation,
      platform,
      place,
      author,
      ordinal,
      atMs,
      JSON.stringify(record),
      JSON.stringify(names),
    );
    if (kept.changes === 0) return;
    for (const message of names) name.run(conversation, message, id);
  }

  /** Removes at most `max` records, and returns how many. Those of single messages went with the tombstone. */
  erase(conversation: ConversationKey, erasure: Erasure, max: number): number {
    const { eraseBefore, eraseAuthorBefore } = this.#statements;
    if (erasure.kind === "message") return 0;
    const { beforeOrdinal } = erasure;
    const { changes } =
      erasure.kind === "all"
        ? eraseBefore.run(conversation, beforeOrdinal, max)
        : eraseAuthorBefore.run(conversation, erasure.author, beforeOrdinal, max);
    return Number(changes);
  }

  /** As `erase`, on a whole platform. */
  forgetAuthor({ platform, author, beforeMs }: AuthorErasure, max: number): number {
    return Number(this.#statements.forget.run(platform, author, beforeMs, max).changes);
  }

  /** As `erase`, for old records. */
  expire(beforeMs: number, max: number): number {
    return Number(this.#statements.expire.run(beforeMs, max).changes);
  }
}

function prepareStatements(database: DatabaseSync) {
  const removing = (rows: string) =>
    database.prepare(
      `DELETE FROM turn_record WHERE rowid IN (SELECT rowid FROM turn_record WHERE ${rows} LIMIT ?)`,
    );
  return {
    keep: database.prepare(
      `INSERT INTO turn_record (id, conversation, platform, place, author, ordinal, at_ms, record)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
       WHERE NOT EXISTS (SELECT 1 FROM erased WHERE conversation = ?2 AND before_ordinal > ?6)
         AND NOT EXISTS (SELECT 1 FROM erased_author WHERE conversation = ?2 AND author = ?5 AND before_ordinal > ?6)
         AND NOT EXISTS (SELECT 1 FROM forgotten WHERE platform = ?3 AND author = ?5 AND before_ms > ?7)
         AND NOT EXISTS (SELECT 1 FROM expired WHERE before_ms > ?7)
         AND NOT EXISTS (SELECT 1 FROM tombstone WHERE conversation = ?2 AND id IN (SELECT value FROM json_each(?9)))
       ON CONFLICT (id) DO NOTHING`,
    ),
    name: database.prepare(
      "INSERT OR IGNORE INTO turn_record_message (conversation, message, record) VALUES (?, ?, ?)",
    ),
    eraseBefore: removing("conversation = ? AND ordinal < ?"),
    eraseAuthorBefore: removing("conversation = ? AND author = ? AND ordinal < ?"),
    forget: removing("platform = ? AND author = ? AND at_ms < ?"),
    expire: removing("at_ms < ?"),
  };
}
