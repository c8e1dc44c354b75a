import { chmodSync, chownSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Client } from "pg";
import { describe, expect, test } from "vitest";

import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { openPostgresArchive } from "../../../src/storage/postgres/open-postgres-archive.ts";
import { makeCertificate, opensslIsMissing } from "../../support/certificate.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { makePostgresDatabase, postgresIsMissing } from "../../support/postgres-database.ts";
import { pgbouncerIsMissing, startPgbouncer } from "../../support/postgres/pgbouncer.ts";
import {
  postgresOwner,
  postgresServerIsMissing,
  startPostgresServer,
} from "../../support/postgres/postgres-server.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** The operator's message when the archive opens at this address. */
async function faultOf(url: string, waitMs = 30_000): Promise<string> {
  try {
    await using archive = await openPostgresArchive(url, { waitMs, clock, log: new RecordingLog() });
    return archive.health().why;
  } catch (error) {
    return error instanceof Error ? error.message : "unknown";
  }
}

function withParts(url: string, parts: Partial<Pick<URL, "username" | "password" | "search">>): string {
  return Object.assign(new URL(url), parts).href;
}

const missing = postgresServerIsMissing ?? opensslIsMissing;

describe.skipIf(missing)(`a Postgres with users and TLS ${missing ?? ""}`, () => {
  test("reports a wrong address at once, and warns of nothing if it is right", async () => {
    using folder = temporaryFolder();
    chmodSync(folder.path, 0o755);
    const { key, certificate } = makeCertificate(folder.path, postgresOwner);
    const rules = join(folder.path, "hba.conf");
    const lines = ["all postgres", "all needs_tls", "all needs_password"];
    const how = ["host", "hostssl", "host"];
    const ways = ["trust", "trust", "scram-sha-256"];
    writeFileSync(rules, lines.map((line, at) => `${how[at]} ${line} 127.0.0.1/32 ${ways[at]}\n`).join(""));
    if (postgresOwner !== undefined) chownSync(rules, postgresOwner.uid, postgresOwner.gid);
    await using server = await startPostgresServer({
      ssl: "on",
      ssl_cert_file: certificate,
      ssl_key_file: key,
      hba_file: rules,
    });
    const { url } = server;
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query("CREATE ROLE needs_tls LOGIN SUPERUSER");
    await client.query("CREATE ROLE needs_password LOGIN SUPERUSER PASSWORD 'sesame'");
    await client.query("CREATE ROLE not_let_in LOGIN");
    await client.end();
    const tls = (search: string): Promise<string> =>
      faultOf(withParts(url, { username: "needs_tls", search }));
    const can = "DATABASE_URL: Postgres can't be used";
    expect(await tls("")).toBe(
      `${can} (28000). The server seems to take encrypted connections only: add ?sslmode=require to the address. If that does not help, its pg_hba.conf does not let this user in from here.`,
    );
    expect(await tls("?application_name=x")).toContain("add &sslmode=require to");
    const unknown =
      "The server's certificate is by an authority that is not known here: give its file with &sslrootcert=/path/ca.pem in the address or with NODE_EXTRA_CA_CERTS, or set sslmode=no-verify.";
    expect(await tls("?sslmode=require")).toBe(`${can} (DEPTH_ZERO_SELF_SIGNED_CERT). ${unknown}`);
    const warned: Error[] = [];
    const hear = (warning: Error): void => void warned.push(warning);
    process.on("warning", hear);
    expect(await tls("?sslmode=no-verify")).toBe("");
    expect(await tls(`?sslmode=require&sslrootcert=${certificate}`)).toBe("");
    process.off("warning", hear);
    expect(warned).toEqual([]);
    const as = (username: string, password = "") => faultOf(withParts(url, { username, password }));
    const stranger = withParts(url, { username: "not_let_in", search: "?sslmode=no-verify" });
    expect(await faultOf(stranger)).toContain("(28000). The server's pg_hba.conf does not let this user in");
    expect(await as("needs_password")).toContain("The server wants a password, and the address has none.");
    expect(await as("needs_password", "wrong")).toContain(
      "(28P01). Check the user and the password. In the user and the password # is written %23",
    );
    expect(await faultOf(`postgres://ada@/name?host=${folder.path}`, 200)).toContain(
      "There is no such socket.",
    );
  });
});

describe.skipIf(postgresIsMissing)(`a Postgres that changes under the bot ${postgresIsMissing ?? ""}`, () => {
  test("is unready while tables or the database are missing, and says why", async () => {
    await using database = await makePostgresDatabase();
    const log = new RecordingLog();
    await using archive = await openPostgresArchive(database.url, { waitMs: 30_000, clock, log });
    const keep = () =>
      archive.keepSecret("cookie", "made", AbortSignal.timeout(600_000)).catch(() => "refused");
    const name = new URL(database.url).pathname.slice(1);
    const onDatabase = async (sql: string, url = database.url): Promise<void> => {
      const client = new Client({ connectionString: url });
      await client.connect();
      await client.query(sql);
      await client.end();
    };
    await onDatabase("ALTER TABLE threadkeeper.secret RENAME TO gone");
    expect(await keep()).toBe("refused");
    expect(archive.health()).toMatchObject({ ok: false, why: expect.stringContaining("lacks tables") });
    await onDatabase("ALTER TABLE threadkeeper.gone RENAME TO secret");
    expect(await keep()).toBe("made");
    expect(archive.health()).toEqual({ ok: true, why: "" });
    const other = Object.assign(new URL(database.url), { pathname: "/postgres" }).href;
    await onDatabase(`DROP DATABASE ${name} WITH (FORCE)`, other);
    const gone = { ok: false, why: "The database is gone from Postgres: create or restore it" };
    await expect.poll(async () => (await keep(), archive.health()), { timeout: 60_000 }).toEqual(gone);
  });
});

describe.skipIf(postgresIsMissing)(`replicas that start together ${postgresIsMissing ?? ""}`, () => {
  test("wait for the one that migrates the tables, say so, and leave no lock behind", async () => {
    await using database = await makePostgresDatabase();
    const holder = new Client({ connectionString: database.url });
    await holder.connect();
    await holder.query("BEGIN");
    await holder.query("SELECT pg_advisory_xact_lock(6, 0)");
    const log = new RecordingLog();
    const opening = openPostgresArchive(database.url, { waitMs: 30_000, clock, log });
    const told = "another replica is changing the archive's tables; waiting for it";
    await expect.poll(() => log.lines.map(({ message }) => message)).toContain(told);
    await holder.query("COMMIT");
    await using archive = await opening;
    expect(archive.health().ok).toBe(true);
    const locks =
      "SELECT count(*)::int AS held FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    expect((await holder.query(locks)).rows).toEqual([{ held: 0 }]);
    await holder.end();
  });

  test.skipIf(pgbouncerIsMissing ?? postgresServerIsMissing)(
    `do so through a pooler that has no sessions ${pgbouncerIsMissing ?? ""}`,
    async () => {
      await using database = await makePostgresDatabase();
      // Each transaction of a client gets another connection than the last one.
      const settings = { server_round_robin: "1", ignore_startup_parameters: "statement_timeout" };
      await using pooler = await startPgbouncer(database.url, settings);
      const signal = AbortSignal.timeout(600_000);
      const opened = await Promise.all(
        Array.from({ length: 4 }, () =>
          openPostgresArchive(pooler.url, { waitMs: 30_000, clock, log: new RecordingLog() }),
        ),
      );
      for (const archive of opened) {
        expect(await archive.keepSecret("cookie", "made", signal)).toBe("made");
        await archive[Symbol.asyncDispose]();
      }
      await using strict = await startPgbouncer(database.url, {});
      expect(await faultOf(strict.url)).toContain("ignore_startup_parameters = statement_timeout");
    },
  );
});
