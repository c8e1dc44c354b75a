import { Client } from "pg";
import { describe, expect, test } from "vitest";

import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { openPostgresArchive } from "../../../src/storage/postgres/open-postgres-archive.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import {
  postgresServerIsMissing,
  startPostgresServer,
  type PostgresServer,
} from "../../support/postgres/postgres-server.ts";
import { freePort } from "../../support/redis-server.ts";

/** Makes a server look like a standby or a primary, to sessions that begin from now on. Returns when that was. */
async function setReadOnly({ url }: PostgresServer, isReadOnly: boolean): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("SET default_transaction_read_only = off");
  await client.query(`ALTER ROLE postgres SET default_transaction_read_only = ${isReadOnly ? "on" : "off"}`);
  const { rows } = await client.query("SELECT clock_timestamp()::text AS at");
  await client.end();
  return String(rows[0]?.at);
}

/** A session that was being opened then is not listed at once: so this is repeated until its end shows. */
async function endSessionsBefore(at: string, { url }: PostgresServer): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'threadkeeper' AND backend_start < $1`,
    [at],
  );
  await client.end();
}

async function open(url: string, log = new RecordingLog(), waitMs = 30_000) {
  return openPostgresArchive(url, { waitMs, clock, log });
}

function addressOf(...servers: readonly PostgresServer[]): string {
  const hosts = servers.map(({ url }) => new URL(url).host).join(",");
  return `postgres://postgres@${hosts}/postgres?target_session_attrs=read-write`;
}

async function faultOf(url: string): Promise<string> {
  const opening = open(url, new RecordingLog(), 1_000);
  return opening.then(
    () => "none",
    (error: unknown) => (error instanceof Error ? error.message : "unknown"),
  );
}

describe.skipIf(postgresServerIsMissing)(
  `an address of several servers ${postgresServerIsMissing ?? ""}`,
  () => {
    test("leads to the server that accepts writes, at start and after a failover", async () => {
      await using one = await startPostgresServer();
      await using two = await startPostgresServer();
      // What a standby would have by replication.
      await (await open(one.url))[Symbol.asyncDispose]();
      await setReadOnly(one, true);
      const log = new RecordingLog();
      await using archive = await open(addressOf(one, two), log);
      const keep = (name: string): Promise<string> =>
        archive.keepSecret(name, name, AbortSignal.timeout(600_000)).catch(() => "not kept");
      expect(await keep("first")).toBe("first");
      expect(await secretsAt(two)).toEqual(["first"]);

      await two.kill();
      await setReadOnly(one, false);
      await expect.poll(() => keep("second"), { timeout: 60_000 }).toBe("second");
      expect(await secretsAt(one)).toEqual(["second"]);

      await two.start();
      const demotedAt = await setReadOnly(one, true);
      const secretsNow = async (): Promise<readonly string[]> => {
        await endSessionsBefore(demotedAt, one);
        return [await keep("third"), ...(await secretsAt(two))];
      };
      await expect.poll(secretsNow, { timeout: 60_000 }).toEqual(["third", "first", "third"]);
      await expect.poll(() => archive.health().ok, { timeout: 60_000 }).toBe(true);
      const told = log.lines.filter(({ message }) => message.includes("another of its servers"));
      expect(told.map(({ facts }) => facts)).toEqual([
        { host: new URL(one.url).host },
        { host: new URL(two.url).host },
      ]);
    });

    test("is refused with the fault of each server if none answers", async () => {
      const [one, two] = [await freePort(), await freePort()];
      expect(await faultOf(`postgres://ada:sesame@127.0.0.1:${one},127.0.0.1:${two}/name`)).toBe(
        `DATABASE_URL: Postgres can't be used (127.0.0.1:${one}: ECONNREFUSED, 127.0.0.1:${two}: ECONNREFUSED). Is it running there, and may this machine reach it?`,
      );
    });
  },
);

async function secretsAt({ url }: PostgresServer): Promise<readonly string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query("SELECT name FROM threadkeeper.secret ORDER BY name");
  await client.end();
  return rows.map(({ name }) => String(name));
}
