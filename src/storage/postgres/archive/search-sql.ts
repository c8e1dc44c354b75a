import { columns, messages } from "./archive-sql.ts";

/** $1: the query, $2: the platform, $3: its places. */
const held = "words @@ $1::tsquery";
const there = "platform = $2 AND place = ANY ($3::text[])";
const best = `SELECT ${columns} FROM ${messages} WHERE row IN`;

/** The statements of a search. */
export const searchSql = {
  /** The number of rows that Postgres expects, by its statistics. */
  expected: `EXPLAIN (FORMAT JSON) SELECT FROM ${messages} WHERE words @@ $1::tsquery`,
  /** In one conversation, from a chapter on. */
  within: `SELECT ${columns} FROM ${messages}
    WHERE ${held} AND ${there} AND conversation = $4 AND chapter >= $5 ORDER BY row DESC LIMIT $6`,
  /**
   * In the newest messages of all places. They are read first: without statistics, Postgres would read the word
   * index.
   */
  recent: `WITH newest AS MATERIALIZED (SELECT row, platform, place, words FROM ${messages}
      ORDER BY row DESC LIMIT $4)
    ${best} (SELECT row FROM newest WHERE ${there} AND ${held} ORDER BY row DESC LIMIT $5) ORDER BY row DESC`,
  /** By the index with $4. The whole query, $1, is only compared with what it finds. */
  indexed: `WITH held AS MATERIALIZED (SELECT row, platform, place FROM ${messages}
      WHERE words @@ $4::tsquery AND words || ''::tsvector @@ $1::tsquery LIMIT $5)
    SELECT (SELECT count(*) < $5 FROM held) AS whole, found.* FROM (SELECT 1) AS one
    LEFT JOIN (${best} (SELECT row FROM held WHERE ${there} ORDER BY row DESC LIMIT $6)) AS found ON true`,
  /** In the newest messages of each place. */
  byPlace: `WITH looked AS MATERIALIZED (SELECT newest.row, newest.place, newest.${held} AS held
      FROM unnest($3::text[]) AS home CROSS JOIN LATERAL (SELECT row, place, words FROM ${messages}
        WHERE platform = $2 AND place = home ORDER BY row DESC LIMIT $4) AS newest)
    SELECT (SELECT COALESCE(max(count), 0) < $4 FROM (SELECT count(*) FROM looked GROUP BY place) AS counts) AS whole,
      found.* FROM (SELECT 1) AS one
    LEFT JOIN (${best} (SELECT row FROM looked WHERE held ORDER BY row DESC LIMIT $5)) AS found ON true`,
  /** At most 1,000. */
  count: `SELECT count(*) FROM (SELECT FROM ${messages} WHERE words @@ $1::tsquery LIMIT 1000) AS found`,
  /** Skips from one place to the next. */
  places: `WITH RECURSIVE next (place) AS (
      (SELECT place FROM ${messages} WHERE platform = $1 ORDER BY place LIMIT 1)
      UNION ALL SELECT (SELECT place FROM ${messages} WHERE platform = $1 AND place > next.place ORDER BY place LIMIT 1)
      FROM next WHERE next.place IS NOT NULL)
    SELECT place FROM next WHERE place IS NOT NULL LIMIT $2`,
} as const;
