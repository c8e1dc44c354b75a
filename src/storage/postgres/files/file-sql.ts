import { schema } from "../database/migrate.ts";
import { coverColumn } from "../sealing/keys.ts";

const unlinked = `NOT EXISTS (SELECT FROM ${schema}.file_link WHERE file_link.hash = file.hash)`;
const unlink = `DELETE FROM ${schema}.file_link WHERE conversation = $1`;

/** The statements of PostgresFileStore. */
export const sql = {
  touch: `UPDATE ${schema}.file SET added_at_ms = $2 WHERE hash = $1 RETURNING hash`,
  /** Removes the oldest until all others together have at most $1 bytes. */
  makeRoom: `DELETE FROM ${schema}.file WHERE hash IN (SELECT hash FROM
    (SELECT hash, sum(size) OVER (ORDER BY added_at_ms DESC, hash) AS bytes FROM ${schema}.file) AS newest WHERE bytes > $1)`,
  insert: `INSERT INTO ${schema}.file (hash, size, added_at_ms, key) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING RETURNING hash`,
  insertPiece: `INSERT INTO ${schema}.file_piece (hash, part, sealed) VALUES ($1, $2, $3)`,
  /** A file that is being removed is waited for. */
  link: `INSERT INTO ${schema}.file_link (conversation, message, name, author, until_ms, hash)
    SELECT $1, $2, $3, $4, $5::bigint, hash FROM ${schema}.file WHERE hash = $6 FOR KEY SHARE
    ON CONFLICT (conversation, message, name) DO UPDATE
    SET author = excluded.author, hash = excluded.hash, until_ms = excluded.until_ms RETURNING hash`,
  keep: `UPDATE ${schema}.file_link SET until_ms = CASE WHEN until_ms < $6 THEN $4 ELSE until_ms END
    WHERE conversation = $1 AND message = $2 AND name = $3 AND until_ms > $5 RETURNING hash`,
  find: `SELECT hash, size FROM ${schema}.file_link JOIN ${schema}.file USING (hash)
    WHERE conversation = $1 AND message = $2 AND name = $3 AND until_ms > $4`,
  size: `SELECT size FROM ${schema}.file WHERE hash = $1`,
  piece: `SELECT sealed, key, ${coverColumn} FROM ${schema}.file_piece JOIN ${schema}.file USING (hash)
    WHERE hash = $1 AND part = $2`,
  unlinkOne: `${unlink} AND message = $2 AND name = $3 RETURNING hash`,
  unlinkAll: `${unlink} AND until_ms < $2 RETURNING hash`,
  unlinkAuthor: `${unlink} AND (author = $2 OR message = '') AND until_ms < $3 RETURNING hash`,
  unlinkMessage: `${unlink} AND message IN ($2, '') AND until_ms < $3 RETURNING hash`,
  unlinkSaidBefore: `DELETE FROM ${schema}.file_link WHERE until_ms >= $1 AND until_ms < $2 RETURNING hash`,
  removeUnlinked: `DELETE FROM ${schema}.file WHERE hash = ANY($1::text[]) AND ${unlinked}`,
  endLinks: `DELETE FROM ${schema}.file_link WHERE until_ms <= $1`,
  sweep: `DELETE FROM ${schema}.file WHERE added_at_ms < $1 AND ${unlinked}`,
} as const;
