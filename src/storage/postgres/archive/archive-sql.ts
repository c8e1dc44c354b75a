import { coverColumn } from "../sealing/keys.ts";
import { schema } from "../database/migrate.ts";

export const messages = `${schema}.message`;
const tombstones = `${schema}.tombstone`;
const inClear =
  "conversation, id, platform, place, ordinal, revision, chapter, role, author_id, said_at_ms, answers, posts";
/** What format 2 has in the clear; see TakeOver. */
const ofFormat2 = "author_name, speaker, text, permalink, attachments, sources";
/** What openMessages reads. */
export const columns = `${inClear}, ${ofFormat2}, sealed, key, ${coverColumn}`;
const empty = ofFormat2.replaceAll(/\w+/gu, "$& = NULL");
/** Messages as JSON, as rows. */
const told = `json_to_recordset($1::json) AS told (conversation text, id text, platform text, place text, ordinal bigint,
  revision bigint, chapter bigint, role text, author_id text, said_at_ms bigint, answers text, posts text,
  sealed text, key bigint, words text)`;
const sealedTold = "decode(sealed, 'base64'), key, array_to_tsvector(string_to_array(words, ' '))";
/** What lets a message be taken. */
const isWelcome = `NOT EXISTS (SELECT FROM ${tombstones} AS gone WHERE gone.conversation = told.conversation AND gone.id = told.id)
      AND NOT EXISTS (SELECT FROM ${schema}.erased AS bound
        WHERE bound.conversation = told.conversation AND before_ordinal > ordinal)
      AND NOT EXISTS (SELECT FROM ${schema}.expired WHERE before_ms > said_at_ms)`;
const byAuthor = "ON CONFLICT (conversation, id) DO UPDATE SET by_author = true";

/** What of a conversation goes with its author: rows, and tombstones in their place. */
const buryRows = (
  rows: string,
): string => `WITH gone AS (DELETE FROM ${messages} WHERE row IN (${rows}) RETURNING id),
  buried AS (INSERT INTO ${tombstones} (conversation, id, by_author) SELECT $1, id, true FROM gone ${byAuthor})
  SELECT id FROM gone`;

/** The statements of the archive. */
export const sql = {
  secret: `SELECT value FROM ${schema}.secret WHERE name = $1`,
  keepSecret: `INSERT INTO ${schema}.secret (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
  first: `SELECT ${columns} FROM ${messages}
    WHERE conversation = $1 AND ordinal >= $2 AND ordinal < $3 AND said_at_ms >= $4 ORDER BY ordinal LIMIT $5`,
  last: `SELECT ${columns} FROM ${messages}
    WHERE conversation = $1 AND ordinal >= $2 AND ordinal < $3 AND said_at_ms >= $4 ORDER BY ordinal DESC LIMIT $5`,
  find: `SELECT ${columns} FROM ${messages} WHERE conversation = $1 AND id = $2`,
  derived: `SELECT conversation, platform, place, id, posts FROM ${messages} WHERE role <> 'person'
    AND row IN (SELECT row FROM ${schema}.rests_on WHERE conversation = $1 AND message = ANY ($2))`,
  older: `SELECT row, said_at_ms, old.conversation, old.platform, old.place, head.last_at_ms
    FROM ${messages} AS old LEFT JOIN ${schema}.head USING (conversation)
    WHERE said_at_ms < $1 AND said_at_ms >= $2 AND (said_at_ms, row) > ($2, $3) ORDER BY said_at_ms, row LIMIT $4`,
  addTombstonesOf: `INSERT INTO ${tombstones} (conversation, id, by_author) SELECT conversation, id, true FROM ${told}
    WHERE role = 'person' AND (
      EXISTS (SELECT FROM ${schema}.erased_author AS bound
        WHERE bound.conversation = told.conversation AND author = author_id AND before_ordinal > ordinal)
      OR EXISTS (SELECT FROM ${schema}.forgotten AS bound
        WHERE bound.platform = told.platform AND author = author_id AND before_ms > said_at_ms))
    ${byAuthor} RETURNING id`,
  /** What of it is to be kept: neither refused nor known as new as it is. */
  wanted: `SELECT told.id FROM ${told} WHERE ${isWelcome} AND NOT EXISTS (SELECT FROM ${messages} AS known
    WHERE known.conversation = told.conversation AND known.id = told.id AND known.revision >= told.revision)`,
  keep: `INSERT INTO ${messages} AS known (${inClear}, sealed, key, words)
    SELECT ${inClear}, ${sealedTold} FROM ${told} WHERE ${isWelcome}
    ON CONFLICT (conversation, id) DO UPDATE SET platform = excluded.platform, place = excluded.place,
      ordinal = excluded.ordinal, revision = excluded.revision, chapter = excluded.chapter, role = excluded.role,
      author_id = excluded.author_id, said_at_ms = excluded.said_at_ms, answers = excluded.answers,
      posts = excluded.posts, ${empty}, sealed = excluded.sealed, key = excluded.key, words = excluded.words
    WHERE known.revision < excluded.revision RETURNING row, id`,
  /** What of it lies before an erasure of its whole conversation, and is neither buried nor too old. */
  refused: `SELECT told.id FROM ${told} JOIN ${schema}.erased AS bound USING (conversation) WHERE before_ordinal > ordinal
    AND NOT EXISTS (SELECT FROM ${tombstones} AS gone WHERE gone.conversation = told.conversation AND gone.id = told.id)
    AND NOT EXISTS (SELECT FROM ${schema}.expired WHERE before_ms > said_at_ms)`,
  /** What of it was said before its author was forgotten. */
  forgotten: `SELECT told.id FROM ${told} JOIN ${schema}.forgotten AS bound USING (platform)
    WHERE role = 'person' AND author = author_id AND before_ms > said_at_ms`,
  restsOnNothing: `DELETE FROM ${schema}.rests_on WHERE row = ANY ($1::bigint[])`,
  restsOn: `INSERT INTO ${schema}.rests_on (row, conversation, message)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING`,
  addTombstone: `INSERT INTO ${tombstones} (conversation, id, by_author) SELECT $1, id, false FROM unnest($2::text[]) AS id
    ON CONFLICT DO NOTHING`,
  remove: `DELETE FROM ${messages} WHERE conversation = $1 AND id = ANY ($2)`,
  /** Our replies to these that answer only what went with its author. */
  addReplyTombstones: `WITH gone AS (DELETE FROM ${messages} AS reply
      WHERE conversation = $1 AND role <> 'person' AND answers <> '[]'
        AND row IN (SELECT row FROM ${schema}.rests_on WHERE conversation = $1 AND message = ANY ($2))
        AND NOT EXISTS (SELECT FROM json_array_elements_text(answers::json) AS answered (id) WHERE NOT EXISTS
          (SELECT FROM ${tombstones} AS went
            WHERE went.conversation = $1 AND went.id = answered.id AND by_author))
      RETURNING id),
    buried AS (INSERT INTO ${tombstones} (conversation, id, by_author) SELECT $1, id, false FROM gone
      ON CONFLICT DO NOTHING)
    SELECT id FROM gone`,
  /** Some of what format 2 has in the clear, the newest first. */
  plain: `SELECT row, ${inClear}, ${ofFormat2}, sealed FROM ${messages}
    WHERE sealed IS NULL AND row < $1 ORDER BY row DESC LIMIT $2 FOR UPDATE SKIP LOCKED`,
  takeOver: `UPDATE ${messages} AS known SET ${empty}, sealed = taken.sealed, key = taken.key, words = taken.words
    FROM (SELECT row, ${sealedTold}
      FROM json_to_recordset($1::json) AS told (row bigint, sealed text, key bigint, words text)) AS taken (row, sealed, key, words)
    WHERE known.row = taken.row`,
  eraseBefore: `INSERT INTO ${schema}.erased AS known (conversation, before_ordinal) VALUES ($1, $2)
    ON CONFLICT (conversation) DO UPDATE SET before_ordinal = GREATEST(known.before_ordinal, excluded.before_ordinal), at_ms = excluded.at_ms`,
  erase: `DELETE FROM ${messages}
    WHERE row IN (SELECT row FROM ${messages} WHERE conversation = $1 AND ordinal < $2 LIMIT $3) RETURNING id`,
  eraseAuthorBefore: `INSERT INTO ${schema}.erased_author AS known (conversation, author, before_ordinal) VALUES ($1, $2, $3)
    ON CONFLICT (conversation, author) DO UPDATE
      SET before_ordinal = GREATEST(known.before_ordinal, excluded.before_ordinal), at_ms = excluded.at_ms`,
  eraseAuthor: buryRows(`SELECT row FROM ${messages}
    WHERE conversation = $1 AND author_id = $2 AND ordinal < $3 AND role = 'person' LIMIT $4`),
  forgetBefore: `INSERT INTO ${schema}.forgotten AS known (platform, author, before_ms) VALUES ($1, $2, $3)
    ON CONFLICT (platform, author) DO UPDATE SET before_ms = GREATEST(known.before_ms, excluded.before_ms)`,
  locationsOf: `SELECT conversation, platform, MAX(place) AS place FROM (
      SELECT conversation, platform, place FROM ${messages}
      WHERE platform = $1 AND author_id = $2 AND said_at_ms < $3 AND role = 'person'
      UNION ALL SELECT head.conversation, head.platform, head.place
      FROM ${schema}.head_speaker AS speaker JOIN ${schema}.head USING (conversation)
      WHERE speaker.platform = $1 AND author = $2) AS home GROUP BY conversation, platform`,
  forget: buryRows(`SELECT row FROM ${messages}
    WHERE conversation = $1 AND platform = $2 AND author_id = $3 AND said_at_ms < $4 AND role = 'person' LIMIT $5`),
  expireTombstones: `DELETE FROM ${tombstones} WHERE (conversation, id) IN
    (SELECT conversation, id FROM ${tombstones} WHERE at_ms < $1 ORDER BY at_ms LIMIT $2) RETURNING 1`,
  expireErased: `DELETE FROM ${schema}.erased WHERE at_ms < $1`,
  expireErasedAuthors: `DELETE FROM ${schema}.erased_author WHERE at_ms < $1`,
  expireForgotten: `DELETE FROM ${schema}.forgotten WHERE before_ms < $1`,
  expireBefore: `UPDATE ${schema}.expired SET before_ms = GREATEST(before_ms, $1)`,
  /** In order, since without statistics the whole table would be read instead of the index. */
  expire: `DELETE FROM ${messages} WHERE row IN
    (SELECT row FROM ${messages} WHERE said_at_ms < $1 ORDER BY said_at_ms LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING id`,
} as const;
