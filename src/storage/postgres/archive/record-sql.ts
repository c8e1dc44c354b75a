import { schema } from "../database/migrate.ts";

const records = `${schema}.turn_record`;
/** Records given as JSON, as rows. `names`: the messages that the record goes with. */
const givenRecords = `json_to_recordset($1::json) AS given (id text, conversation text, platform text, place text, author text,
  ordinal bigint, at_ms bigint, record json, names json)`;
const limited = (rows: string, limit: string): string =>
  `DELETE FROM ${records} WHERE id IN (SELECT id FROM ${records} WHERE ${rows} LIMIT ${limit}) RETURNING 1`;

/** The statements for turn records. Those that remove take at most so many at once. */
export const recordSql = {
  /** Stores records, unless what they name or their author is erased. */
  insert: `WITH given AS (SELECT * FROM ${givenRecords}),
    kept AS (INSERT INTO ${records} (id, conversation, platform, place, author, ordinal, at_ms, record)
      SELECT id, conversation, platform, place, author, ordinal, at_ms, record::text FROM given
      WHERE NOT EXISTS (SELECT FROM ${schema}.erased AS bound
          WHERE bound.conversation = given.conversation AND before_ordinal > ordinal)
        AND NOT EXISTS (SELECT FROM ${schema}.erased_author AS bound
          WHERE bound.conversation = given.conversation AND bound.author = given.author AND before_ordinal > ordinal)
        AND NOT EXISTS (SELECT FROM ${schema}.forgotten AS bound
          WHERE bound.platform = given.platform AND bound.author = given.author AND before_ms > at_ms)
        AND NOT EXISTS (SELECT FROM ${schema}.expired WHERE before_ms > at_ms)
        AND NOT EXISTS (SELECT FROM ${schema}.tombstone AS gone WHERE gone.conversation = given.conversation
          AND gone.id IN (SELECT json_array_elements_text(names)))
      ON CONFLICT (id) DO NOTHING RETURNING id)
    INSERT INTO ${schema}.turn_record_message (conversation, message, record)
      SELECT conversation, name, id FROM kept JOIN given USING (id), json_array_elements_text(names) AS name
      ON CONFLICT DO NOTHING`,
  newest: `SELECT record FROM ${records} WHERE conversation = $1 ORDER BY ordinal DESC, at_ms DESC LIMIT $2`,
  find: `SELECT record FROM ${records} WHERE id = $1`,
  erase: limited("conversation = $1 AND ordinal < $2", "$3"),
  eraseAuthor: limited("conversation = $1 AND author = $2 AND ordinal < $3", "$4"),
  forget: limited("platform = $1 AND author = $2 AND at_ms < $3", "$4"),
  expire: limited("at_ms < $1", "$2"),
} as const;
