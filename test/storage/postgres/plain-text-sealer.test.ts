import { fileURLToPath } from "node:url";

import { runner } from "node-pg-migrate";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { systemClock } from "../../../src/runtime/clock.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { openPostgresArchive } from "../../../src/storage/postgres/open-postgres-archive.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { keysOf, marksIn, rowsOf } from "../../support/postgres/inspect-keys.ts";
import {
  postgresServerIsMissing,
  startPostgresServer,
  type PostgresServer,
} from "../../support/postgres/postgres-server.ts";

const signal = AbortSignal.timeout(600_000);
const patiently = { timeout: 60_000, interval: 50 };
const conversation = "fake:room:1";
const seek = { platform: "fake", places: ["room"], limit: 9 } as const;
/** A clock without waiting between tries. */
const clock: Clock = {
  nowMs: () => systemClock.nowMs(),
  sleep: (ms, within) => systemClock.sleep(Math.min(ms, 20), within),
};
const mark = (at: number): string => `zq${10_000 + at}`;
const count = 2_000;

let server: PostgresServer;

/** An archive as version 0.1.0 left it. */
async function makeFormat2(name: string): Promise<string> {
  await rowsOf(server.url, `CREATE DATABASE ${name}`);
  const url = server.url.replace(/postgres$/u, name);
  const client = new Client({ connectionString: url });
  await client.connect();
  const folder = fileURLToPath(new URL("../../../src/storage/postgres/migrations/", import.meta.url));
  await runner({
    dbClient: client,
    dir: folder,
    direction: "up",
    count: 1,
    schema: "threadkeeper",
    createSchema: true,
    migrationsTable: "migration",
    migrationsSchema: "threadkeeper",
    logger: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  await client.query(
    `INSERT INTO threadkeeper.message (conversation, id, platform, place, ordinal, revision, chapter, role, author_id,
       author_name, speaker, text, said_at_ms, permalink, attachments, answers, sources, words)
     SELECT $1, 'm' || at, 'fake', 'room', at, 1, 1, CASE at WHEN 9 THEN 'notice' ELSE 'person' END,
       'person' || at % 3, 'zq2' || at + 1000, 'zq2' || at + 1000, 'zq' || at + 10000 || ' wörds everywhere', at, 'https://x/' || at,
       '[{"name":"zq3' || at + 1000 || '"}]', '[]', '[{"conversation":"fake:room:2","message":"s"}]',
       array_to_tsvector(ARRAY['zq' || at + 10000, 'words', 'everywhere'])
     FROM generate_series(1, ${count}) AS at`,
    [conversation],
  );
  await client.end();
  return url;
}

describe.skipIf(postgresServerIsMissing)(
  `an archive of format 2 in Postgres ${postgresServerIsMissing ?? ""}`,
  () => {
    beforeAll(async () => {
      server = await startPostgresServer({ wal_recycle: "off" });
    });
    afterAll(() => server[Symbol.asyncDispose]());

    test("stays readable, searchable and changeable while replicas seal it, until nothing is unsealed", async () => {
      const url = await makeFormat2("one");
      const log = new RecordingLog();
      const ports = { waitMs: 10_000, clock, log };
      const holder = new Client({ connectionString: url });
      await holder.connect();
      {
        await using first = await openPostgresArchive(url, ports);
        await holder.query("BEGIN");
        await holder.query("LOCK TABLE threadkeeper.taking_over");
        const plainRows =
          "SELECT FROM threadkeeper.message WHERE sealed IS NULL AND id IN ('m7', 'm8', 'm9')";
        expect(await rowsOf(url, plainRows)).toHaveLength(3);
        const [seventh] = await first.read({ conversation, fromOrdinal: 7, limit: 1 }, signal);
        expect(seventh).toMatchObject({
          text: `${mark(7)} wörds everywhere`,
          author: { id: "person1", name: "zq21007" },
          permalink: "https://x/7",
          attachments: [{ name: "zq31007" }],
          sources: [{ conversation: "fake:room:2", message: "s" }],
        });
        await expect(first.search({ words: `WORDS ${mark(7)}`, ...seek }, signal)).resolves.toMatchObject({
          messages: [{ id: "m7" }],
        });
        const told = { platform: "fake", place: "room", conversation } as const;
        await first.sync(
          { ...told, messages: [], erasures: [{ kind: "message", message: "m8", revision: 2 }] },
          signal,
        );
        if (seventh === undefined) throw new TypeError("It is not there");
        const edited = { ...seventh, text: "zq99999 instead", revision: 2, tokens: 1 };
        await first.sync({ ...told, erasures: [], messages: [edited] }, signal);
        await holder.query("COMMIT");
      }
      await using replicas = new AsyncDisposableStack();
      const [one, two] = [
        replicas.use(await openPostgresArchive(url, ports)),
        replicas.use(await openPostgresArchive(url, ports)),
      ];
      const underWay = () => rowsOf(url, "SELECT FROM threadkeeper.taking_over");
      await expect.poll(underWay, patiently).toEqual([]);
      await holder.end();
      const plain =
        "SELECT FROM threadkeeper.message WHERE sealed IS NULL OR text IS NOT NULL OR speaker IS NOT NULL";
      expect(await rowsOf(url, plain)).toEqual([]);
      for (const archive of [one, two]) {
        const read = await archive.read({ conversation, limit: 5_000 }, signal);
        expect(read).toHaveLength(count - 1);
        expect(read[4]).toMatchObject({
          text: `${mark(5)} wörds everywhere`,
          attachments: [{ name: "zq31005" }],
        });
        for (const [words, found] of [
          [`wor ${mark(5)}`, ["m5"]],
          ["zq99999", ["m7"]],
          [mark(7), []],
          [mark(8), []],
          [mark(9), []],
        ] as const)
          expect((await archive.search({ words, ...seek }, signal)).messages.map(({ id }) => id)).toEqual(
            found,
          );
      }
      await expect
        .poll(
          () => log.lines.filter(({ message }) => message.includes("VACUUM FULL threadkeeper.message")),
          patiently,
        )
        .toHaveLength(1);
      await one.scrub(signal);
      const { canBeMade, inUse } = await keysOf(url, "message");
      expect(canBeMade).toEqual(inUse);
      await replicas.disposeAsync();
      // What the operator is told to run. Postgres rewrites its statistics by itself.
      for (const sql of ["VACUUM FULL threadkeeper.message", "VACUUM FULL pg_statistic"])
        await rowsOf(url, sql);
      for (let segment = 0; segment < 3; segment += 1) {
        await rowsOf(url, "CREATE TABLE more (); SELECT pg_switch_wal()");
        await rowsOf(url, "DROP TABLE more; CHECKPOINT");
      }
      expect(marksIn(server.folder)).toEqual(new Set());
    });

    test("refuses unsealed texts afterwards, also from an older version", async () => {
      const url = await makeFormat2("two");
      await using archive = await openPostgresArchive(url, {
        waitMs: 10_000,
        clock,
        log: new RecordingLog(),
      });
      const asBefore = `INSERT INTO threadkeeper.message (conversation, id, platform, place, ordinal, revision, chapter, role,
        author_id, author_name, speaker, text, said_at_ms, attachments, answers, words)
        VALUES ('c', 'i', 'p', 'l', 1, 1, 1, 'person', 'a', 'n', 's', 't', 1, '[]', '[]', '')`;
      await expect(rowsOf(url, asBefore)).rejects.toThrow("is_sealed");
      expect(archive.health().ok).toBe(true);
    });
  },
);
