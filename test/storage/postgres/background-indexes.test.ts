import { Client } from "pg";
import { describe, expect, test } from "vitest";

import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { BackgroundIndexes } from "../../../src/storage/postgres/database/background-indexes.ts";
import { openPostgresArchive } from "../../../src/storage/postgres/open-postgres-archive.ts";
import { Primary } from "../../../src/storage/postgres/database/primary.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { makePostgresDatabase, postgresIsMissing } from "../../support/postgres-database.ts";
import { openTcpGate } from "../../support/tcp-gate.ts";

describe.skipIf(postgresIsMissing)(`a missing index ${postgresIsMissing ?? ""}`, () => {
  test("is created when Postgres is back, and its failure is logged once", async () => {
    await using database = await makePostgresDatabase();
    const ports = { waitMs: 30_000, clock, log: new RecordingLog() };
    await (await openPostgresArchive(database.url, ports))[Symbol.asyncDispose]();
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query("DROP INDEX threadkeeper.message_newest");
    const log = new RecordingLog();
    const url = new URL(database.url);
    await using gate = await openTcpGate(Number(url.port || 5432));
    gate.cut();
    url.hostname = "127.0.0.1";
    url.port = String(gate.port);
    await using indexes = new BackgroundIndexes(new Primary([url.href]), log, 10);
    await expect.poll(() => log.lines.length).toBe(1);
    gate.restore();
    const isMade = async () => {
      const { rows } = await client.query(
        "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('threadkeeper.message_newest')",
      );
      return rows;
    };
    await expect.poll(isMade).toEqual([{ indisvalid: true }]);
    expect(log.lines).toMatchObject([{ level: "warn" }]);
    await indexes[Symbol.asyncDispose]();
    await client.end();
  });
});
