import type { DatabaseSync } from "node:sqlite";

/** The statements that change the archive. */
export function writingStatements(database: DatabaseSync) {
  return {
    ...indexingStatements(database),
    ...keepingStatements(database),
    ...erasingStatements(database),
    ...boundStatements(database),
    ...countingStatements(database),
  };
}

export type WritingStatements = ReturnType<typeof writingStatements>;

/** The statements that only read the archive. */
export function readingStatements(database: DatabaseSync) {
  return { ...rangeStatements(database), ...searchStatements(database) };
}

export type ReadingStatements = ReturnType<typeof readingStatements>;

function rangeStatements(database: DatabaseSync) {
  const range = "conversation = ?1 AND ordinal >= ?2 AND ordinal < ?3 AND said_at_ms >= ?4";
  return {
    first: database.prepare(`SELECT * FROM message WHERE ${range} ORDER BY ordinal LIMIT ?5`),
    last: database.prepare(`SELECT * FROM message WHERE ${range} ORDER BY ordinal DESC LIMIT ?5`),
    find: database.prepare("SELECT * FROM message WHERE conversation = ? AND id = ?"),
    outlines: database.prepare(
      "SELECT id, ordinal, author_id FROM message WHERE conversation = ? AND id IN (SELECT value FROM json_each(?))",
    ),
    derived: database.prepare(
      `SELECT DISTINCT message.* FROM rests_on CROSS JOIN message USING (row)
       WHERE rests_on.conversation = ? AND rests_on.message IN (SELECT value FROM json_each(?)) AND role <> 'person'`,
    ),
    verdicts: database.prepare(
      "SELECT turn, verdict FROM feedback WHERE author = ? AND turn IN (SELECT value FROM json_each(?))",
    ),
    locationsOf: database.prepare(
      `SELECT conversation, platform, MAX(place) AS place FROM (
         SELECT conversation, platform, place FROM message
         WHERE platform = ?1 AND author_id = ?2 AND said_at_ms < ?3 AND role = 'person'
         UNION ALL SELECT head.conversation, head.platform, head.place
         FROM head_speaker JOIN head USING (conversation) WHERE head_speaker.platform = ?1 AND author = ?2
         UNION ALL SELECT conversation, platform, place FROM turn_record
         WHERE platform = ?1 AND author = ?2 AND at_ms < ?3
         UNION ALL SELECT turn_record.conversation, turn_record.platform, turn_record.place
         FROM feedback JOIN turn_record ON id = turn
         WHERE feedback.platform = ?1 AND feedback.author = ?2 AND feedback.at_ms < ?3)
       GROUP BY conversation`,
    ),
    older: database.prepare(
      `SELECT row, said_at_ms, message.conversation, message.platform, message.place, head.last_at_ms
       FROM message LEFT JOIN head USING (conversation)
       WHERE said_at_ms < ?1 AND (said_at_ms, row) > (?2, ?3) ORDER BY said_at_ms, row LIMIT ?4`,
    ),
  };
}

function searchStatements(database: DatabaseSync) {
  return {
    newest: database.prepare(
      `SELECT message.* FROM search JOIN message ON message.row = search.rowid
       WHERE search MATCH ?1 AND search.rowid >= ?6 AND platform = ?2 AND place IN (SELECT value FROM json_each(?3))
         AND (?4 IS NULL OR (conversation = ?4 AND chapter >= ?5))
       ORDER BY search.rowid DESC LIMIT ?7`,
    ),
    /** The row of the nth newest hit. None if there are fewer. */
    nth: database.prepare(
      "SELECT rowid AS row FROM search WHERE search MATCH ? ORDER BY rowid DESC LIMIT 1 OFFSET ?",
    ),
    count: database.prepare(
      "SELECT COUNT(*) AS count FROM (SELECT 1 FROM search WHERE search MATCH ? LIMIT 1000)",
    ),
    isUnindexed: database.prepare("SELECT 1 FROM unindexed"),
    /** Skips from one place to the next. */
    places: database.prepare(
      `WITH RECURSIVE next (place) AS (
         SELECT MIN(place) FROM message WHERE platform = ?1
         UNION ALL SELECT (SELECT MIN(place) FROM message WHERE platform = ?1 AND place > next.place)
         FROM next WHERE next.place IS NOT NULL)
       SELECT place FROM next WHERE place IS NOT NULL LIMIT ?2`,
    ),
  };
}

function indexingStatements(database: DatabaseSync) {
  return {
    /**
     * With a SELECT, FTS5 would write out before each statement what it has gathered, as a segment of its own that it has to merge
     * later.
     */
    index: database.prepare("INSERT INTO search (rowid, words, home) VALUES (CAST(? AS INTEGER), ?, ?)"),
    isUnindexed: database.prepare("SELECT 1 FROM unindexed WHERE ? < before_row"),
    unindexed: database.prepare(
      "SELECT * FROM message WHERE row < (SELECT before_row FROM unindexed) ORDER BY row DESC LIMIT ?",
    ),
    indexedTo: database.prepare("UPDATE unindexed SET before_row = CAST(? AS INTEGER)"),
    indexed: database.prepare("DELETE FROM unindexed"),
    /** The word index of format 2. */
    isOldThere: database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'search_old'"),
    removeOld: "DELETE FROM search_old_data WHERE id IN (SELECT id FROM search_old_data LIMIT ?)",
    dropOld: "DROP TABLE search_old",
  };
}

function keepingStatements(database: DatabaseSync) {
  return {
    isOfErasedAuthor: database.prepare(
      `SELECT 'forgotten' AS why FROM forgotten WHERE platform = ?2 AND author = ?3 AND before_ms > ?5
       UNION ALL SELECT 'erased' FROM erased_author WHERE conversation = ?1 AND author = ?3 AND before_ordinal > ?4`,
    ),
    isRefused: database.prepare(
      `SELECT 'buried' AS why FROM tombstone WHERE conversation = ?1 AND id = ?2
       UNION ALL SELECT 'expired' FROM expired WHERE before_ms > ?4
       UNION ALL SELECT 'erased' FROM erased WHERE conversation = ?1 AND before_ordinal > ?3`,
    ),
    isKnown: database.prepare("SELECT 1 FROM message WHERE conversation = ? AND id = ?"),
    answersNothing: database.prepare(`SELECT 1 WHERE ${answersNothing("?1", "?2")}`),
    keep: database.prepare(
      `INSERT INTO message (conversation, id, platform, place, ordinal, revision, chapter, role, author_id, author_name,
         speaker, text, said_at_ms, permalink, attachments, answers, posts, sources, is_given_up, is_app, turn_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (conversation, id) DO UPDATE SET platform = excluded.platform, place = excluded.place,
         ordinal = excluded.ordinal, revision = excluded.revision, chapter = excluded.chapter, role = excluded.role,
         author_id = excluded.author_id, author_name = excluded.author_name, speaker = excluded.speaker,
         text = excluded.text, said_at_ms = excluded.said_at_ms, permalink = excluded.permalink,
         attachments = excluded.attachments, answers = excluded.answers, posts = excluded.posts,
         sources = excluded.sources, is_given_up = excluded.is_given_up, is_app = excluded.is_app,
         turn_id = excluded.turn_id
       WHERE excluded.revision > revision
       RETURNING row`,
    ),
    restsOn: database.prepare("INSERT OR IGNORE INTO rests_on (row, conversation, message) VALUES (?, ?, ?)"),
  };
}

function erasingStatements(database: DatabaseSync) {
  return {
    addTombstone: database.prepare(
      `INSERT INTO tombstone (conversation, id, by_author) VALUES (?, ?, ?)
       ON CONFLICT (conversation, id) DO UPDATE SET by_author = MAX(by_author, excluded.by_author)`,
    ),
    remove: database.prepare("DELETE FROM message WHERE conversation = ? AND id = ?"),
    /** CROSS fixes the join order. SQLite would scan the whole conversation for each removed message. */
    answersGone: database.prepare(
      `SELECT DISTINCT message.id FROM rests_on CROSS JOIN message USING (row)
       WHERE rests_on.conversation = ?1 AND rests_on.message = ?2 AND message.conversation = ?1 AND role <> 'person'
         AND ${answersNothing("?1", "answers")}`,
    ),
  };
}

function boundStatements(database: DatabaseSync) {
  return {
    eraseBefore: database.prepare(
      `INSERT INTO erased (conversation, before_ordinal) VALUES (?, ?)
       ON CONFLICT (conversation) DO UPDATE SET before_ordinal = MAX(before_ordinal, excluded.before_ordinal), at_ms = excluded.at_ms`,
    ),
    erase: database.prepare(
      `DELETE FROM message WHERE row IN (SELECT row FROM message WHERE conversation = ? AND ordinal < ? LIMIT ?)`,
    ),
    eraseAuthorBefore: database.prepare(
      `INSERT INTO erased_author (conversation, author, before_ordinal) VALUES (?, ?, ?)
       ON CONFLICT (conversation, author) DO UPDATE SET before_ordinal = MAX(before_ordinal, excluded.before_ordinal), at_ms = excluded.at_ms`,
    ),
    byAuthorIn: database.prepare(
      `SELECT conversation, id, ordinal FROM message
       WHERE conversation = ?1 AND author_id = ?2 AND ordinal >= ?3 AND ordinal < ?4 AND role = 'person'
       ORDER BY ordinal LIMIT ?5`,
    ),
    forgetBefore: database.prepare(
      `INSERT INTO forgotten (platform, author, before_ms) VALUES (?, ?, ?)
       ON CONFLICT (platform, author) DO UPDATE SET before_ms = MAX(before_ms, excluded.before_ms)`,
    ),
    byAuthor: database.prepare(
      `SELECT conversation, id FROM message
       WHERE platform = ? AND author_id = ? AND said_at_ms < ? AND role = 'person' LIMIT ?`,
    ),
    expireBefore: database.prepare("UPDATE expired SET before_ms = MAX(before_ms, ?)"),
    expireTombstones: database.prepare(
      `DELETE FROM tombstone WHERE (conversation, id) IN
         (SELECT conversation, id FROM tombstone WHERE at_ms < ? LIMIT ?)`,
    ),
    expireErased: database.prepare("DELETE FROM erased WHERE at_ms < ?"),
    expireErasedAuthors: database.prepare("DELETE FROM erased_author WHERE at_ms < ?"),
    expireForgotten: database.prepare("DELETE FROM forgotten WHERE before_ms < ?"),
    expire: database.prepare(
      "DELETE FROM message WHERE row IN (SELECT row FROM message WHERE said_at_ms < ? LIMIT ?)",
    ),
  };
}

/** Counts the messages to remove, up to a limit. */
function countingStatements(database: DatabaseSync) {
  const upTo = (rows: string) =>
    database.prepare(`SELECT COUNT(*) AS count FROM (SELECT 1 FROM message WHERE ${rows} LIMIT ?)`);
  return {
    countBefore: upTo("conversation = ? AND ordinal < ?"),
    countByAuthorIn: upTo("conversation = ? AND author_id = ? AND ordinal < ?"),
    countByAuthor: upTo("platform = ? AND author_id = ? AND said_at_ms < ?"),
    countOld: upTo("said_at_ms < ?"),
  };
}

/** Whether a reply has answered messages and all of them were erased with their authors. `answers`: JSON. */
function answersNothing(conversation: string, answers: string): string {
  const gone = `SELECT 1 FROM tombstone WHERE conversation = ${conversation} AND id = answered.value AND by_author = 1`;
  return `${answers} <> '[]'
    AND NOT EXISTS (SELECT 1 FROM json_each(${answers}) AS answered WHERE NOT EXISTS (${gone}))`;
}
