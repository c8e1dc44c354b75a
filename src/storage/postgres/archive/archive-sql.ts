import { coverColumn } from "../sealing/keys.ts";
import { schema } from "../database/migrate.ts";

export const messages = `${schema}.message`;
const tombstones = `${schema}.tombstone`;
const plainColumns =
  "conversation, id, platform, place, ordinal, revision, chapter, role, author_id, said_at_ms, answers, posts, turn_id";
/** Columns that only unsealed rows of format 2 fill. See PlainTextSealer. */
const format2Columns = "author_name, speaker, text, permalink, attachments, sources";
/** The columns that openMessages reads. */
export const columns = `${plainColumns}, ${format2Columns}, sealed, key, ${coverColumn}`;
const emptyFormat2Columns = format2Columns.replaceAll(/\w+/gu, "$& = NULL");
/** Messages given as JSON, as rows. */
const givenMessages = `json_to_recordset($1::json) AS given (conversation text, id text, platform text, place text, ordinal bigint,
  revision bigint, chapter bigint, role text, author_id text, said_at_ms bigint, answers json, posts json, turn_id text,
  sources json, sealed text, key bigint, words text)`;
const sealedValues = "decode(sealed, 'base64'), key, array_to_tsvector(string_to_array(words, ' '))";
/** Given messages as new rows. */
const insertGiven = `INSERT INTO ${messages} AS known (${plainColumns}, sealed, key, words)
    SELECT ${plainColumns.replaceAll(/answers|posts/gu, "$&::text")}, ${sealedValues}`;
/** Whether a given message may be stored: it has no tombstone and lies beyond every bound. */
const isAccepted = `NOT EXISTS (SELECT FROM ${tombstones} AS gone WHERE gone.conversation = given.conversation AND gone.id = given.id)
      AND NOT EXISTS (SELECT FROM ${schema}.erased AS bound
        WHERE bound.conversation = given.conversation AND before_ordinal > ordinal)
      AND NOT EXISTS (SELECT FROM ${schema}.expired WHERE before_ms > said_at_ms)`;
const isOfErasedAuthor = `(EXISTS (SELECT FROM ${schema}.erased_author AS bound
        WHERE bound.conversation = given.conversation AND author = author_id AND before_ordinal > ordinal)
      OR EXISTS (SELECT FROM ${schema}.forgotten AS bound
        WHERE bound.platform = given.platform AND author = author_id AND before_ms > said_at_ms))`;
/** Looks the rows up by their index for each row, whatever their number is guessed to be. */
const whereSome = (rows: string): string => `CROSS JOIN LATERAL (SELECT FROM ${rows} LIMIT 1) AS found`;
const markByAuthor = "ON CONFLICT (conversation, id) DO UPDATE SET by_author = true";

/** Deletes rows of an author and adds tombstones for them. */
const replaceByTombstones = (
  rows: string,
): string => `WITH gone AS (DELETE FROM ${messages} WHERE row IN (${rows}) RETURNING id),
  buried AS (INSERT INTO ${tombstones} (conversation, id, by_author) SELECT $1, id, true FROM gone ${markByAuthor})
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
  outlines: `SELECT id, ordinal, author_id FROM ${messages} WHERE conversation = $1 AND id = ANY ($2)`,
  derived: `SELECT conversation, platform, place, id, revision, posts FROM ${messages} WHERE role <> 'person'
    AND row IN (SELECT row FROM ${schema}.rests_on WHERE conversation = $1 AND message = ANY ($2))`,
  older: `SELECT row, said_at_ms, old.conversation, old.platform, old.place, head.last_at_ms
    FROM ${messages} AS old LEFT JOIN ${schema}.head USING (conversation)
    WHERE said_at_ms < $1 AND said_at_ms >= $2 AND (said_at_ms, row) > ($2, $3) ORDER BY said_at_ms, row LIMIT $4`,
  addTombstonesOf: `INSERT INTO ${tombstones} (conversation, id, by_author) SELECT conversation, id, true FROM ${givenMessages}
    WHERE role = 'person' AND ${isOfErasedAuthor}
    ${markByAuthor} RETURNING id`,
  /** The given messages to store: neither refused nor already stored in this or a newer revision. */
  wanted: `SELECT given.id FROM ${givenMessages} WHERE ${isAccepted} AND NOT EXISTS (SELECT FROM ${messages} AS known
    WHERE known.conversation = given.conversation AND known.id = given.id
      AND known.revision >= given.revision)`,
  insert: `${insertGiven} FROM ${givenMessages} WHERE ${isAccepted}
    ON CONFLICT (conversation, id) DO UPDATE SET platform = excluded.platform, place = excluded.place,
      ordinal = excluded.ordinal, revision = excluded.revision, chapter = excluded.chapter, role = excluded.role,
      author_id = excluded.author_id, said_at_ms = excluded.said_at_ms, answers = excluded.answers,
      posts = excluded.posts, turn_id = excluded.turn_id, ${emptyFormat2Columns}, sealed = excluded.sealed, key = excluded.key, words = excluded.words
    WHERE known.revision < excluded.revision RETURNING row, id`,
  /**
   * Stores the messages of each conversation of which every given message is new and would just be stored by `insert`, with
   * their source links. Names the other conversations, and says how many messages it stored.
   */
  insertNew: `WITH given AS MATERIALIZED (SELECT * FROM ${givenMessages}),
    unusual AS MATERIALIZED (SELECT conversation FROM given ${whereSome(`${messages} AS known WHERE known.conversation = given.conversation AND known.id = given.id`)}
    UNION SELECT conversation FROM given
      ${whereSome(`${tombstones} AS gone WHERE gone.conversation = given.conversation AND gone.id = given.id`)}
    UNION SELECT conversation FROM given
      ${whereSome(`${schema}.erased AS bound WHERE bound.conversation = given.conversation AND before_ordinal > ordinal`)}
    UNION SELECT conversation FROM given ${whereSome(`${schema}.expired WHERE before_ms > said_at_ms`)}
    UNION SELECT conversation FROM given WHERE role = 'person' AND ${isOfErasedAuthor}
    UNION SELECT conversation FROM given
      ${whereSome(`json_array_elements_text(answers) AS answered (id) ${whereSome(`${tombstones} AS gone WHERE gone.conversation = given.conversation AND gone.id = answered.id AND by_author`)}`)}),
    added AS (${insertGiven} FROM given WHERE conversation NOT IN (SELECT conversation FROM unusual)
      RETURNING row, conversation, id),
    links AS (SELECT conversation AS home, given.id AS reply, conversation, answered.id
      FROM given, json_array_elements_text(answers) AS answered (id)
      UNION ALL SELECT given.conversation, given.id, source.conversation, source.message
      FROM given, json_to_recordset(sources) AS source (conversation text, message text)),
    linked AS (INSERT INTO ${schema}.rests_on (row, conversation, message)
      SELECT row, links.conversation, links.id FROM added JOIN links ON home = added.conversation AND reply = added.id
      ON CONFLICT DO NOTHING)
    SELECT (SELECT count(*) FROM added) AS added, ARRAY(SELECT conversation FROM unusual) AS unusual`,
  /** Given messages below an erasure of the whole conversation that have no tombstone and are not expired. */
  refused: `SELECT given.id FROM ${givenMessages} JOIN ${schema}.erased AS bound USING (conversation) WHERE before_ordinal > ordinal
    AND NOT EXISTS (SELECT FROM ${tombstones} AS gone WHERE gone.conversation = given.conversation AND gone.id = given.id)
    AND NOT EXISTS (SELECT FROM ${schema}.expired WHERE before_ms > said_at_ms)`,
  /** Given messages from before their author's erasure cutoff. */
  forgotten: `SELECT given.id FROM ${givenMessages} JOIN ${schema}.forgotten AS bound USING (platform)
    WHERE role = 'person' AND author = author_id AND before_ms > said_at_ms`,
  removeSourceLinks: `DELETE FROM ${schema}.rests_on WHERE row = ANY ($1::bigint[])`,
  addSourceLinks: `INSERT INTO ${schema}.rests_on (row, conversation, message)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING`,
  addTombstone: `INSERT INTO ${tombstones} (conversation, id, by_author) SELECT $1, id, false FROM unnest($2::text[]) AS id
    ON CONFLICT DO NOTHING`,
  remove: `DELETE FROM ${messages} WHERE conversation = $1 AND id = ANY ($2)`,
  /** Deletes our replies to the given messages if all that they answer was erased with its author. */
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
  /** Unsealed rows of format 2, newest first. */
  plainRows: `SELECT row, ${plainColumns}, ${format2Columns}, sealed FROM ${messages}
    WHERE sealed IS NULL AND row < $1 ORDER BY row DESC LIMIT $2 FOR UPDATE SKIP LOCKED`,
  sealRows: `UPDATE ${messages} AS known SET ${emptyFormat2Columns}, sealed = taken.sealed, key = taken.key, words = taken.words
    FROM (SELECT row, ${sealedValues}
      FROM json_to_recordset($1::json) AS given (row bigint, sealed text, key bigint, words text)) AS taken (row, sealed, key, words)
    WHERE known.row = taken.row`,
  eraseBefore: `INSERT INTO ${schema}.erased AS known (conversation, before_ordinal) VALUES ($1, $2)
    ON CONFLICT (conversation) DO UPDATE SET before_ordinal = GREATEST(known.before_ordinal, excluded.before_ordinal), at_ms = excluded.at_ms`,
  erase: `DELETE FROM ${messages}
    WHERE row IN (SELECT row FROM ${messages} WHERE conversation = $1 AND ordinal < $2 LIMIT $3) RETURNING id`,
  eraseAuthorBefore: `INSERT INTO ${schema}.erased_author AS known (conversation, author, before_ordinal) VALUES ($1, $2, $3)
    ON CONFLICT (conversation, author) DO UPDATE
      SET before_ordinal = GREATEST(known.before_ordinal, excluded.before_ordinal), at_ms = excluded.at_ms`,
  eraseAuthor: replaceByTombstones(`SELECT row FROM ${messages}
    WHERE conversation = $1 AND author_id = $2 AND ordinal < $3 AND role = 'person' LIMIT $4`),
  forgetBefore: `INSERT INTO ${schema}.forgotten AS known (platform, author, before_ms) VALUES ($1, $2, $3)
    ON CONFLICT (platform, author) DO UPDATE SET before_ms = GREATEST(known.before_ms, excluded.before_ms)`,
  locationsOf: `SELECT conversation, platform, MAX(place) AS place FROM (
      SELECT conversation, platform, place FROM ${messages}
      WHERE platform = $1 AND author_id = $2 AND said_at_ms < $3 AND role = 'person'
      UNION ALL SELECT head.conversation, head.platform, head.place
      FROM ${schema}.head_speaker AS speaker JOIN ${schema}.head USING (conversation)
      WHERE speaker.platform = $1 AND author = $2
      UNION ALL SELECT conversation, platform, place FROM ${schema}.turn_record
      WHERE platform = $1 AND author = $2 AND at_ms < $3
      UNION ALL SELECT rated.conversation, rated.platform, rated.place
      FROM ${schema}.feedback AS given JOIN ${schema}.turn_record AS rated ON rated.id = given.turn
      WHERE given.platform = $1 AND given.author = $2 AND given.at_ms < $3) AS home GROUP BY conversation, platform`,
  forget: replaceByTombstones(`SELECT row FROM ${messages}
    WHERE conversation = $1 AND platform = $2 AND author_id = $3 AND said_at_ms < $4 AND role = 'person' LIMIT $5`),
  expireTombstones: `DELETE FROM ${tombstones} WHERE (conversation, id) IN
    (SELECT conversation, id FROM ${tombstones} WHERE at_ms < $1 ORDER BY at_ms LIMIT $2) RETURNING 1`,
  expireErased: `DELETE FROM ${schema}.erased WHERE at_ms < $1`,
  expireErasedAuthors: `DELETE FROM ${schema}.erased_author WHERE at_ms < $1`,
  expireForgotten: `DELETE FROM ${schema}.forgotten WHERE before_ms < $1`,
  expireBefore: `UPDATE ${schema}.expired SET before_ms = GREATEST(before_ms, $1)`,
  /** Ordered, because without statistics Postgres would read the whole table instead of the index. */
  expire: `DELETE FROM ${messages} WHERE row IN
    (SELECT row FROM ${messages} WHERE said_at_ms < $1 ORDER BY said_at_ms LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING id`,
} as const;
