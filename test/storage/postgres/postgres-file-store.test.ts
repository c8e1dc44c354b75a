import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { Postgres } from "../../../src/storage/postgres/database/postgres.ts";
import { Primary } from "../../../src/storage/postgres/database/primary.ts";
import { PostgresFileStore } from "../../../src/storage/postgres/files/postgres-file-store.ts";
import { openPostgresArchive } from "../../../src/storage/postgres/open-postgres-archive.ts";
import { contractLimits, fileStoreContract } from "../../contracts/file-store-contract.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import {
  makePostgresDatabase,
  postgresIsMissing,
  type PostgresDatabase,
} from "../../support/postgres-database.ts";
import { makeDatabasesOnOwnServer } from "../../support/postgres/own-server.ts";

makeDatabasesOnOwnServer();

const signal = AbortSignal.timeout(600_000);
const ports = { waitMs: 30_000, clock, log: new RecordingLog() };
const hourMs = 3_600_000;

describe.skipIf(postgresIsMissing)(`a file store in Postgres ${postgresIsMissing ?? ""}`, () => {
  /** An empty archive that each test copies. */
  let empty: PostgresDatabase;
  beforeAll(async () => {
    empty = await makePostgresDatabase();
    await (await openPostgresArchive(empty.url, ports))[Symbol.asyncDispose]();
  });
  afterAll(() => empty[Symbol.asyncDispose]());

  async function open() {
    await using opening = new AsyncDisposableStack();
    const database = opening.use(
      await makePostgresDatabase(`TEMPLATE ${new URL(empty.url).pathname.slice(1)}`),
    );
    const replica = async (): Promise<PostgresFileStore> => {
      const primary = new Primary([database.url]);
      await primary.find();
      const postgres = opening.use(new Postgres(primary, ports));
      return new PostgresFileStore({ postgres, hashKey: Buffer.from("key"), limits: contractLimits, clock });
    };
    const [files, other] = [await replica(), await replica()];
    const opened = opening.move();
    return { url: database.url, files, other, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  }

  fileStoreContract(open);

  test("holds no bytes in the clear, and erases the key of a removed file with those of texts", async () => {
    await using opened = await open();
    await using archive = await openPostgresArchive(opened.url, ports);
    const link = { conversation: "fake:room:1", name: "F1", untilMs: Date.now() + hourMs } as const;
    const { hash } = await archive.files.put(Buffer.from("swordfish ".repeat(40_000)), signal);
    await archive.files.link(link, hash, signal);
    const client = new Client(opened.url);
    await client.connect();
    try {
      const count = async (sql: string): Promise<number> => Number((await client.query(sql)).rows[0].count);
      const sealed = (word: string) =>
        `SELECT count(*) FROM threadkeeper.file_piece WHERE position('${word}'::bytea IN sealed) > 0`;
      expect(await count("SELECT count(*) FROM threadkeeper.file_piece")).toBe(2);
      expect(await count(sealed("swordfish"))).toBe(0);
      const seeds = "SELECT count(*) FROM threadkeeper.seed WHERE block >= 8589934592";
      const before = await client.query("SELECT cover FROM threadkeeper.seed WHERE block >= 8589934592");
      expect(before.rows).toHaveLength(1);
      await archive.files.erase("fake:room:1", [{ revision: 1, kind: "all", beforeOrdinal: 1 }], signal);
      expect(await count("SELECT count(*) FROM threadkeeper.file_piece")).toBe(0);
      await archive.scrub(signal);
      const after = await client.query("SELECT cover FROM threadkeeper.seed WHERE block >= 8589934592");
      expect(after.rows[0]?.cover).not.toEqual(before.rows[0]?.cover);
      expect(await count("SELECT count(*) FROM threadkeeper.spent")).toBe(0);
      expect(await count(seeds)).toBeLessThanOrEqual(1);
    } finally {
      await client.end();
    }
  });
});
