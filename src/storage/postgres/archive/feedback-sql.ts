import { coverColumn } from "../sealing/keys.ts";
import { schema } from "../database/migrate.ts";

const feedback = `${schema}.feedback`;
const columns = `rated.author, verdict, rated.at_ms, sealed, key, record, ${coverColumn}`;
const rated = `${feedback} AS rated JOIN ${schema}.turn_record ON id = turn`;

/** The statements for feedback. */
export const feedbackSql = {
  /** Joins feedback with what is stored, as `joinFeedback` does. */
  insert: `INSERT INTO ${feedback} AS known (turn, author, conversation, platform, verdict, at_ms, sealed, key)
    SELECT turn, author, conversation, platform, verdict, at_ms, decode(sealed, 'base64'), key
    FROM json_to_recordset($1::json) AS given (turn text, author text, conversation text, platform text, verdict text,
      at_ms bigint, sealed text, key bigint)
    WHERE EXISTS (SELECT FROM ${schema}.turn_record AS record
        WHERE record.id = given.turn AND record.conversation = given.conversation)
      AND NOT EXISTS (SELECT FROM ${schema}.forgotten AS bound
        WHERE bound.platform = given.platform AND bound.author = given.author AND before_ms > at_ms)
      AND NOT EXISTS (SELECT FROM ${schema}.expired WHERE before_ms > at_ms)
    ON CONFLICT (turn, author) DO UPDATE SET verdict = excluded.verdict, at_ms = excluded.at_ms,
      sealed = CASE excluded.verdict WHEN 'down' THEN COALESCE(excluded.sealed, known.sealed) END,
      key = CASE excluded.verdict WHEN 'down' THEN COALESCE(excluded.key, known.key) END
    WHERE excluded.at_ms >= known.at_ms AND (excluded.verdict <> known.verdict OR excluded.key IS NOT NULL)`,
  /** At most so many at once. */
  forget: `DELETE FROM ${feedback} WHERE (turn, author) IN
    (SELECT turn, author FROM ${feedback} WHERE platform = $1 AND author = $2 AND at_ms < $3 LIMIT $4) RETURNING 1`,
  verdicts: `SELECT turn, verdict FROM ${feedback} WHERE turn = ANY($1) AND author = $2`,
  newest: `SELECT ${columns} FROM ${rated} ORDER BY rated.at_ms DESC LIMIT $1`,
  newestOf: `SELECT ${columns} FROM ${rated} WHERE rated.conversation = $2 ORDER BY rated.at_ms DESC LIMIT $1`,
} as const;
