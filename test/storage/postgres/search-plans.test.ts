import { Client } from "pg";
import { describe, expect, test } from "vitest";

import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { openPostgresLedger } from "../../../src/storage/postgres/open-postgres-ledger.ts";
import { searchSql } from "../../../src/storage/postgres/search-sql.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { makePostgresDatabase, postgresIsMissing } from "../../support/postgres-database.ts";

/** As a restored backup leaves the table: its statistics are made minutes later. */
const fill = `INSERT INTO threadkeeper.message
    (conversation, id, platform, place, ordinal, revision, chapter, role, author_id, said_at_ms, answers, posts, words, sealed, key)
  SELECT 'c' || n % 500, 'm' || n, 'slack', 'p' || n % 100, n, 1, 0, 'person', 'U1', n, '[]', '[]',
    array_to_tsvector(ARRAY['everywhere', 'word' || n]), '\\x00', n FROM generate_series(1, 60000) AS n`;

describe.skipIf(postgresIsMissing)(`a search without statistics ${postgresIsMissing ?? ""}`, () => {
  test("of a word that stands everywhere reads the newest messages only", async () => {
    await using database = await makePostgresDatabase();
    await using _ = await openPostgresLedger(database.url, { waitMs: 2_000, clock, log: new RecordingLog() });
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query("ALTER TABLE threadkeeper.message SET (autovacuum_enabled = false)");
    await client.query(fill);
    const places = Array.from({ length: 100 }, (_place, at) => `p${at}`);
    const { rows } = await client.query<{ "QUERY PLAN": string }>(`EXPLAIN ${searchSql.lately}`, [
      "'everywhere'",
      "slack",
      places,
      2_000,
      200,
    ]);
    await client.end();
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    expect(plan).toContain("Index Scan Backward using message_pkey");
    expect(plan).not.toContain("message_by_words");
    expect(plan).not.toContain("Seq Scan on message");
  });
});
