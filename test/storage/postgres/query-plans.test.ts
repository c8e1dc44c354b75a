import { Client } from "pg";
import { describe, expect, test } from "vitest";

import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { sql } from "../../../src/storage/postgres/archive/archive-sql.ts";
import { feedbackSql } from "../../../src/storage/postgres/archive/feedback-sql.ts";
import { openPostgresArchive } from "../../../src/storage/postgres/open-postgres-archive.ts";
import { searchSql } from "../../../src/storage/postgres/archive/search-sql.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { makePostgresDatabase, postgresIsMissing } from "../../support/postgres-database.ts";

/** Tables without statistics, like those of a restored backup. */
const fill = [
  "ALTER TABLE threadkeeper.message SET (autovacuum_enabled = false)",
  "ALTER TABLE threadkeeper.tombstone SET (autovacuum_enabled = false)",
  `INSERT INTO threadkeeper.message (conversation, id, platform, place, ordinal, revision, chapter, role, author_id,
      said_at_ms, answers, posts, words, sealed, key)
    SELECT 'c' || n % 500, 'm' || n, 'slack', 'p' || n % 100, n, 1, 0, 'person', 'U1', n, '[]', '[]',
      array_to_tsvector(ARRAY['everywhere', 'word' || n]), '\\x00', n FROM generate_series(1, 60000) AS n`,
  `INSERT INTO threadkeeper.tombstone (conversation, id, by_author, at_ms)
    SELECT 'c' || n % 500, 'gone' || n, false, n FROM generate_series(1, 60000) AS n`,
  "ALTER TABLE threadkeeper.turn_record SET (autovacuum_enabled = false)",
  "ALTER TABLE threadkeeper.feedback SET (autovacuum_enabled = false)",
  `INSERT INTO threadkeeper.turn_record (id, conversation, platform, place, author, ordinal, at_ms, record)
    SELECT 't' || n, 'c' || n % 500, 'slack', 'p', 'U1', n, n, '{}' FROM generate_series(1, 60000) AS n`,
  `INSERT INTO threadkeeper.feedback (turn, author, conversation, platform, verdict, at_ms)
    SELECT 't' || n, 'U' || n % 9, 'c' || n % 500, 'slack', 'up', n FROM generate_series(1, 60000) AS n`,
  "SELECT gin_clean_pending_list('threadkeeper.message_by_words')",
];
const places = Array.from({ length: 100 }, (_place, at) => `p${at}`);
const someMessages = JSON.stringify(
  Array.from({ length: 128 }, (_message, at) => ({
    conversation: `c${at}`,
    id: `new${at}`,
    platform: "slack",
    ordinal: 70_000 + at,
    role: "person",
    author_id: "U1",
    said_at_ms: 70_000,
    answers: ["m1"],
  })),
);
const someFeedback = JSON.stringify(
  Array.from({ length: 50 }, (_press, at) => ({
    turn: `t${at}`,
    author: "U1",
    platform: "slack",
    at_ms: 70_000,
  })),
);
const word = "'everywhere'";
/** Postgres compiles a statement of this cost each time that it runs it, which takes longer than any of ours. */
const compiledFrom = 100_000;

describe.skipIf(postgresIsMissing)(`an archive without statistics ${postgresIsMissing ?? ""}`, () => {
  test("is scanned by none of the frequent statements, and none seems worth compiling", async () => {
    const statements = [
      [searchSql.recent, [word, "slack", places, 2_000, 200]],
      [searchSql.within, [word, "slack", places, "c1", 0, 200]],
      [searchSql.indexed, [word, "slack", places, "'word7'", 100, 10]],
      [searchSql.byPlace, [word, "slack", places, 500, 200]],
      [searchSql.count, [word]],
      [searchSql.places, ["slack", 100]],
      [sql.first, ["c1", 0, 100_000, 0, 200]],
      [sql.last, ["c1", 0, 100_000, 0, 200]],
      [sql.find, ["c1", "m1"]],
      [sql.insertNew, [someMessages]],
      [sql.wanted, [someMessages]],
      [sql.insert, [someMessages]],
      [sql.derived, ["c1", ["m1"]]],
      [sql.older, [1_000, 0, 0, 200]],
      [sql.remove, ["c1", ["m1"]]],
      [sql.addReplyTombstones, ["c1", ["m1"]]],
      [sql.erase, ["c1", 100, 10]],
      [sql.eraseAuthor, ["c1", "U1", 100, 10]],
      [sql.forget, ["c1", "slack", "U1", 100, 10]],
      [sql.locationsOf, ["slack", "U2", 100]],
      [sql.expire, [0, 10]],
      [sql.expireTombstones, [0, 10]],
      [feedbackSql.insert, [someFeedback]],
      [feedbackSql.forget, ["slack", "U1", 100, 10]],
      [feedbackSql.newest, [20]],
      [feedbackSql.newestOf, [20, "c1"]],
      ["DELETE FROM threadkeeper.feedback WHERE turn = $1", ["t1"]],
    ] as const;
    await using plans = await openPlans();
    for (const [statement, values] of statements) {
      const plan = await plans.of(statement, values);
      expect.soft(plan).not.toMatch(/Seq Scan on (?:message|tombstone|feedback|turn_record)/u);
      expect.soft(costOf(plan), statement).toBeLessThan(compiledFrom / 2);
    }
  });

  test("is searched for a frequent word in its newest messages only", async () => {
    await using plans = await openPlans();
    const plan = await plans.of(searchSql.recent, [word, "slack", places, 2_000, 200]);
    expect(plan).toContain("Index Scan Backward using message_pkey");
    expect(plan).not.toMatch(/message_by_words|message_newest|message_by_place/u);
  });
});

/** What Postgres guesses that a statement costs. */
function costOf(plan: string): number {
  return Number(/cost=[\d.]+\.\.([\d.]+)/u.exec(plan)?.[1]);
}

async function openPlans() {
  const opened = new AsyncDisposableStack();
  const database = opened.use(await makePostgresDatabase());
  opened.use(await openPostgresArchive(database.url, { waitMs: 30_000, clock, log: new RecordingLog() }));
  const client = new Client({ connectionString: database.url });
  await client.connect();
  opened.defer(() => client.end());
  for (const statement of fill) await client.query(statement);
  return {
    of: async (statement: string, values: readonly unknown[]): Promise<string> => {
      const { rows } = await client.query<{ "QUERY PLAN": string }>(`EXPLAIN ${statement}`, [...values]);
      return rows.map((row) => row["QUERY PLAN"]).join("\n");
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
