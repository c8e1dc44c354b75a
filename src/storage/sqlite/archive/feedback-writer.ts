import type { DatabaseSync } from "node:sqlite";

import type { ConversationLocation } from "../../../domain/archive.ts";
import type { Feedback } from "../../../domain/feedback.ts";
import type { AuthorErasure } from "./archive-writer.ts";

/** Writes feedback within the caller's transaction. It goes with its turn's record: see the triggers in archive-migrations.ts. */
export class FeedbackWriter {
  readonly #statements;

  constructor(database: DatabaseSync) {
    this.#statements = prepareStatements(database);
  }

  /** Joins feedback with what is stored, as `joinFeedback` does. Drops it without its turn's record, or of an erased author. */
  save({ conversation, platform }: ConversationLocation, feedback: Feedback): void {
    const { turn, author, verdict, reason = null, atMs } = feedback;
    this.#statements.keep.run(turn, author, conversation, platform, verdict, reason, atMs);
  }

  /** Removes at most `max` of an author's, and returns how many. */
  forgetAuthor({ platform, author, beforeMs }: AuthorErasure, max: number): number {
    return Number(this.#statements.forget.run(platform, author, beforeMs, max).changes);
  }
}

function prepareStatements(database: DatabaseSync) {
  return {
    keep: database.prepare(
      `INSERT INTO feedback (turn, author, conversation, platform, verdict, reason, at_ms)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
       WHERE EXISTS (SELECT 1 FROM turn_record WHERE id = ?1 AND conversation = ?3)
         AND NOT EXISTS (SELECT 1 FROM forgotten WHERE platform = ?4 AND author = ?2 AND before_ms > ?7)
         AND NOT EXISTS (SELECT 1 FROM expired WHERE before_ms > ?7)
       ON CONFLICT (turn, author) DO UPDATE SET verdict = excluded.verdict, at_ms = excluded.at_ms,
         reason = CASE excluded.verdict WHEN 'down' THEN COALESCE(excluded.reason, reason) END
       WHERE excluded.at_ms >= at_ms AND (excluded.verdict <> verdict OR excluded.reason IS NOT NULL)`,
    ),
    forget: database.prepare(
      `DELETE FROM feedback WHERE rowid IN
         (SELECT rowid FROM feedback WHERE platform = ? AND author = ? AND at_ms < ? LIMIT ?)`,
    ),
  };
}
