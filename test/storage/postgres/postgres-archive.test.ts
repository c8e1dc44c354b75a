import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { inspect } from "node:util";

import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { ArchiveError } from "../../../src/ports/archive.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import type { Feedback } from "../../../src/domain/feedback.ts";
import { openPostgresArchive } from "../../../src/storage/postgres/open-postgres-archive.ts";
import { archivedConversationsContract } from "../../contracts/archived-conversations-contract.ts";
import { archiveContract } from "../../contracts/archive-contract.ts";
import { feedbackContract } from "../../contracts/feedback-contract.ts";
import { batch as batchWith, record, turnRecordsContract } from "../../contracts/turn-records-contract.ts";
import { openPostgresTurnRecords } from "../../../src/storage/postgres/postgres-turn-records.ts";
import { secretArchiveContract } from "../../contracts/secret-archive-contract.ts";
import { keysOf, rowsOf } from "../../support/postgres/inspect-keys.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { rowsIn } from "../../support/every-byte.ts";
import {
  makePostgresDatabase,
  postgresIsMissing,
  type PostgresDatabase,
} from "../../support/postgres-database.ts";
import { makeDatabasesOnOwnServer } from "../../support/postgres/own-server.ts";
import { setReadOnly } from "../../support/postgres/set-read-only.ts";
import { openTcpGate, type TcpGate } from "../../support/tcp-gate.ts";
import { strayErrors, untilStraysAreAnnounced } from "../../support/stray-errors.ts";

makeDatabasesOnOwnServer();

const signal = AbortSignal.timeout(600_000);
const ports = { waitMs: 30_000, clock, log: new RecordingLog() };

const secret = {
  id: "m1",
  text: "the word is swordfish",
  author: { id: "ada", name: "Ada" },
  saidAtMs: 1_000,
  attachments: [],
  role: "person" as const,
  speaker: "Ada",
  tokens: 3,
  chapter: 1,
  answers: [],
  ordinal: 1,
  revision: 1,
};
const location = { conversation: "fake:room:1", platform: "fake", place: "room" } as const;

describe.skipIf(postgresIsMissing)(`the archive in Postgres ${postgresIsMissing ?? ""}`, () => {
  /** An empty archive that each test copies, because creating its tables takes longer than most tests. */
  let empty: PostgresDatabase;
  beforeAll(async () => {
    empty = await makePostgresDatabase();
    const archive = await openPostgresArchive(empty.url, ports);
    await archive[Symbol.asyncDispose]();
  });
  afterAll(() => empty[Symbol.asyncDispose]());
  const open = async () => {
    const database = await makePostgresDatabase(`TEMPLATE ${new URL(empty.url).pathname.slice(1)}`);
    const archive = await openPostgresArchive(database.url, ports);
    const close = archive[Symbol.asyncDispose].bind(archive);
    return Object.assign(archive, {
      [Symbol.asyncDispose]: async () => {
        await close();
        await database[Symbol.asyncDispose]();
      },
    });
  };
  archiveContract(open);
  archivedConversationsContract(open);
  secretArchiveContract(open);
  const openRecords = async () => {
    const opened = new AsyncDisposableStack();
    const database = opened.use(
      await makePostgresDatabase(`TEMPLATE ${new URL(empty.url).pathname.slice(1)}`),
    );
    const archive = opened.use(await openPostgresArchive(database.url, ports));
    const records = opened.use(openPostgresTurnRecords(database.url, ports));
    return { archive, records, url: database.url, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  };
  turnRecordsContract(openRecords);
  feedbackContract(openRecords);

  test("keeps feedback only with its turn's record, and destroys the key of each reason that goes", async () => {
    await using opened = await openRecords();
    const { archive, url } = opened;
    const reasonOf = (turn: number, author: string, atMs: number, reason?: string): Feedback => {
      const given = { turn: `turn-${turn}`, author, verdict: "down", atMs, revision: 1 } as const;
      return reason === undefined ? given : { ...given, reason };
    };
    const rows = async () =>
      rowsOf(url, "SELECT turn, author, sealed FROM threadkeeper.feedback ORDER BY 1, 2");
    await archive.sync(
      batchWith({
        records: [record(1), record(2), record(3)],
        feedback: [
          reasonOf(1, "bob", 1, "swordfish"),
          reasonOf(2, "bob", 1, "changed"),
          reasonOf(2, "cy", 1, "forgotten"),
          reasonOf(3, "cy", 9_000, "stays"),
          reasonOf(3, "eve", 1),
          reasonOf(4, "bob", 1, "unknown"),
        ],
      }),
      signal,
    );
    const before = await rows();
    expect(before).toHaveLength(5);
    expect(before.map(({ sealed }) => String(sealed)).join()).not.toMatch(/swordfish|changed|stays/u);
    const mind = { ...reasonOf(2, "bob", 2), verdict: "up" } as const;
    await archive.sync(batchWith({ feedback: [mind] }), signal);
    await archive.sync(
      batchWith({ erasures: [{ kind: "message", message: "q1", revision: 9 }], feedback: [] }),
      signal,
    );
    await archive.eraseAuthor("fake", "cy", 5_000, signal);
    await archive.scrub(signal);
    const left = (await rows()).map(({ turn, author }) => `${String(turn)} ${String(author)}`);
    expect(left).toEqual(["turn-2 bob", "turn-3 cy", "turn-3 eve"]);
    const { canBeMade, inUse, drawn } = await keysOf(url, "feedback");
    expect(drawn).toBe(5);
    expect(canBeMade).toEqual(inUse);
    expect(inUse).toHaveLength(1);
  });

  test("is created once, even if many replicas start together, and opens again", async () => {
    await using database = await makePostgresDatabase();
    const opened = await Promise.all([1, 2, 3].map(() => openPostgresArchive(database.url, ports)));
    const [one, two, three] = opened;
    await one?.sync({ ...location, erasures: [], messages: [secret] }, signal);
    expect((await two?.find("fake:room:1", "m1", signal))?.text).toBe(secret.text);
    await three?.sync(
      { ...location, erasures: [{ revision: 2, kind: "message", message: "m1" }], messages: [] },
      signal,
    );
    for (const each of opened) await each[Symbol.asyncDispose]();
    await using again = await openPostgresArchive(database.url, ports);
    expect(await again.find("fake:room:1", "m1", signal)).toBeUndefined();
  });

  test("has no readable text in a dump, neither deleted nor present", async () => {
    await using database = await makePostgresDatabase();
    await using archive = await openPostgresArchive(database.url, ports);
    const say = (id: string, ordinal: number, more: object = {}) => ({
      ...secret,
      id,
      ordinal,
      saidAtMs: ordinal * 1_000,
      text: `zq${id}swordfish`,
      ...more,
    });
    const by = (id: string) => ({ author: { id, name: `zqname${id}` }, speaker: `zqname${id}` });
    const messages = [
      say("message", 1),
      say("edit", 2),
      say("author", 3, by("bob")),
      say("reply", 4, { ...by("bot"), role: "bot", answers: ["author"] }),
      say("forget", 5, by("eve")),
      say("notice", 6, { role: "notice" }),
      say("expire", 7, { saidAtMs: 10 }),
    ];
    const other = { ...location, conversation: "fake:room:2" } as const;
    await archive.sync({ ...location, erasures: [], messages }, signal);
    await archive.sync({ ...other, erasures: [], messages: [say("all", 1)] }, signal);
    expect(await archive.read({ ...location, limit: 9 }, signal)).toHaveLength(7);
    expect(await dumpOf(database.url)).not.toMatch(/swordfish|zqname/u);
    const erasures = [
      { revision: 2, kind: "message", message: "message" },
      { revision: 2, kind: "message", message: "notice" },
      { revision: 2, kind: "author", author: "bob", beforeOrdinal: 10 },
    ] as const;
    const changed = { ...say("edit", 2), text: "another word", revision: 2 };
    await archive.sync({ ...location, erasures, messages: [changed] }, signal);
    await archive.sync(
      { ...other, erasures: [{ revision: 2, kind: "all", beforeOrdinal: 2 }], messages: [] },
      signal,
    );
    await archive.eraseAuthor("fake", "eve", 9_000, signal);
    await archive.expire(500, signal);
    const dump = await dumpOf(database.url);
    expect((await archive.find("fake:room:1", "edit", signal))?.text).toBe("another word");
    expect(dump).toContain("fake:room:1");
    expect(dump).not.toMatch(/swordfish|zqname|another word/u);
  });

  test("stores texts with characters that Postgres can't hold", async () => {
    await using database = await makePostgresDatabase();
    await using archive = await openPostgresArchive(database.url, ports);
    const words = Array.from({ length: 20_000 }, (_, index) => `${"ж".repeat(90)}${index}`);
    const id = "i\u0000\uD800d";
    const large = { ...secret, text: ["first", ...words].join(" ") };
    const odd = { ...secret, id, ordinal: 2, answers: [id], role: "bot" as const };
    const erasures = [{ revision: 2, kind: "message", message: "x\u0000" }] as const;
    await archive.sync({ ...location, erasures, messages: [large, odd] }, signal);
    expect((await archive.find("fake:room:1", "m1", signal))?.text).toBe(large.text);
    const found = await archive.search(
      { words: "first", platform: "fake", places: ["room"], limit: 9 },
      signal,
    );
    expect(found.messages.map((each) => each.id)).toEqual(["m1"]);
    expect((await archive.find("fake:room:1", id, signal))?.text).toBe(secret.text);
    expect(await archive.derivedFrom("fake:room:1", [id], signal)).toHaveLength(1);
  });

  test.each([
    ["loses its connections", (gate: TcpGate) => gate.cut()],
    ["is frozen", (gate: TcpGate) => gate.freeze()],
  ])("%s: calls fail within their deadline, nothing else does, and it recovers", async (_name, strike) => {
    const stray = strayErrors();
    await using database = await makePostgresDatabase();
    await using gate = await openTcpGate(Number(new URL(database.url).port));
    await using archive = await openPostgresArchive(through(gate, database.url), ports);
    await archive.sync({ ...location, erasures: [], messages: [secret] }, signal);
    strike(gate);
    const struckAtMs = performance.now();
    await expect(archive.find("fake:room:1", "m1", signal)).rejects.toThrow(ArchiveError);
    const batch = archive.sync({ ...location, erasures: [], messages: [secret] }, signal);
    await expect(batch).rejects.toThrow("Postgres can't be reached");
    // Twice the deadline of a call, and much time for a busy machine.
    expect(performance.now() - struckAtMs).toBeLessThan(60_000);
    expect(archive.health()).toEqual({ ok: false, why: "Postgres can't be reached" });
    const gone = new AbortController();
    const given = archive.find("fake:room:1", "m1", gone.signal);
    gone.abort(new Error("gone"));
    await expect(given).rejects.toThrow("gone");
    gate.restore();
    // By itself, without any call.
    await expect.poll(() => archive.health(), { timeout: 60_000 }).toEqual({ ok: true, why: "" });
    expect((await archive.find("fake:room:1", "m1", signal))?.text).toBe(secret.text);
    await untilStraysAreAnnounced();
    expect(stray).toEqual([]);
  });

  test("that is lost in the middle of a transaction, or while idle, ends nothing", async () => {
    const stray = strayErrors();
    await using database = await makePostgresDatabase();
    await using gate = await openTcpGate(Number(new URL(database.url).port));
    await using archive = await openPostgresArchive(through(gate, database.url), ports);
    const holder = new Client({ connectionString: database.url });
    await holder.connect();
    await holder.query("BEGIN");
    await holder.query("LOCK TABLE threadkeeper.message");
    const batch = archive
      .sync({ ...location, erasures: [], messages: [secret] }, signal)
      .catch((error: unknown) => error);
    const waiting =
      "SELECT count(*)::int AS count FROM pg_locks WHERE NOT granted AND relation = $1::regclass";
    await expect
      .poll(async () => (await holder.query(waiting, ["threadkeeper.message"])).rows[0]?.count, {
        timeout: 60_000,
      })
      .toBe(1);
    gate.cut();
    expect(await batch).toBeInstanceOf(ArchiveError);
    await holder.query("ROLLBACK");
    await holder.end();
    gate.restore();
    await expect.poll(() => archive.health().ok, { timeout: 60_000 }).toBe(true);
    // Now an idle connection is in the pool.
    await archive.sync({ ...location, erasures: [], messages: [secret] }, signal);
    gate.cut();
    await expect.poll(() => archive.health().ok, { timeout: 60_000 }).toBe(false);
    gate.restore();
    await expect.poll(() => archive.health().ok, { timeout: 60_000 }).toBe(true);
    await untilStraysAreAnnounced();
    expect(stray).toEqual([]);
  });

  test("that refuses a statement is not reported as unreachable, and its error quotes no text", async () => {
    await using database = await makePostgresDatabase();
    await using archive = await openPostgresArchive(database.url, ports);
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query("ALTER TABLE threadkeeper.message ADD CONSTRAINT short CHECK (length(sealed) < 3)");
    await client.end();
    const failed = archive.sync({ ...location, erasures: [], messages: [secret] }, signal);
    await expect(failed).rejects.toMatchObject({ message: "Postgres refuses (23514)" });
    expect(inspect(await failed.catch((cause: unknown) => cause))).not.toContain("swordfish");
    expect(archive.health().ok).toBe(true);
  });

  test("that is unreachable is reported within seconds, without the password", async () => {
    const opening = openPostgresArchive("postgres://ada:sesame@127.0.0.1:1/none", {
      ...ports,
      waitMs: 1_000,
    });
    await expect(opening).rejects.toThrow(/^DATABASE_URL: Postgres can't be used \(ECONNREFUSED\)/u);
    await expect(opening).rejects.not.toThrow(/sesame/u);
  });

  test("without such a database says how to create it", async () => {
    await using database = await makePostgresDatabase();
    const url = new URL(database.url);
    url.pathname = "/no_such_database";
    await expect(openPostgresArchive(url.href, ports)).rejects.toThrow(/Create the database first/u);
  });

  test("without TLS is reported at once if the address asks for it", async () => {
    await using database = await makePostgresDatabase();
    await using plain = await openPlainServer();
    const url = new URL(database.url);
    url.port = String(plain.port);
    url.search = "?sslmode=verify-full";
    const opening = openPostgresArchive(url.href, { ...ports, waitMs: 60_000 });
    await expect(opening).rejects.toThrow(/^DATABASE_URL: .*The server speaks no TLS/u);
  });

  test("with an encoding that can't store every character says how to create one that can", async () => {
    await using database = await makePostgresDatabase(
      "ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
    );
    await expect(openPostgresArchive(database.url, ports)).rejects.toThrow(/createdb --encoding=UTF8/u);
  });

  test("of a newer version is left unchanged, and the error says what to do", async () => {
    await using database = await makePostgresDatabase();
    await (await openPostgresArchive(database.url, ports))[Symbol.asyncDispose]();
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query("INSERT INTO threadkeeper.migration (name, run_on) VALUES ('9999_unheard_of', now())");
    await client.end();
    await expect(openPostgresArchive(database.url, ports)).rejects.toThrow(
      /newer Threadkeeper changed the archive \(9999_unheard_of\)\. Start that version again, restore a backup/u,
    );
  });
});

describe.skipIf(postgresIsMissing)(`a Postgres that is read-only ${postgresIsMissing ?? ""}`, () => {
  test("is unready, and logged when it begins and when it ends", async () => {
    await using database = await makePostgresDatabase();
    const log = new RecordingLog();
    await using archive = await openPostgresArchive(database.url, { ...ports, log });
    const file = () => archive.sync({ ...location, erasures: [], messages: [secret] }, signal);
    await setReadOnly(database.url, {
      state: "on",
      isNoticed: () => archive.health().needsOperator === true,
    });
    // The end of an old session may be heard of later.
    await expect
      .poll(async () => {
        await expect(file()).rejects.toThrow(ArchiveError);
        return archive.health();
      })
      .toEqual({
        ok: false,
        why: expect.stringContaining("Postgres is read-only"),
        needsOperator: true,
      });
    await setReadOnly(database.url, { state: "off", isNoticed: () => archive.health().ok });
    await file();
    // What its sessions' end did to an index that was just being made is told too.
    const told = log.lines.map(({ message }) => message).filter((each) => each.startsWith("Postgres takes"));
    expect(told).toEqual([
      "Postgres takes no writes; the archive catches up when it does",
      "Postgres takes writes again",
    ]);
  });

  test("at start is reported, with what to do", async () => {
    await using database = await makePostgresDatabase();
    await setReadOnly(database.url, { state: "on", isNoticed: () => true });
    await expect(openPostgresArchive(database.url, { ...ports, waitMs: 200 })).rejects.toThrow(
      /\(25006\)\. It is read-only: give the address of the primary/u,
    );
  });
});

describe.skipIf(postgresIsMissing)(`a Postgres whose disk is full ${postgresIsMissing ?? ""}`, () => {
  /** Refuses every write that takes room, like a full disk. */
  const fill = `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
    CREATE FUNCTION refuse_all() RETURNS event_trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
    CREATE TRIGGER full_disk BEFORE INSERT ON threadkeeper.message EXECUTE FUNCTION refuse();
    CREATE EVENT TRIGGER full_disk ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION refuse_all()`;
  const makeRoom = "DROP EVENT TRIGGER full_disk; DROP TRIGGER full_disk ON threadkeeper.message";

  test("is unready, and logged when it begins and when it ends", async () => {
    await using database = await makePostgresDatabase();
    const log = new RecordingLog();
    await using archive = await openPostgresArchive(database.url, { ...ports, log });
    const file = () => archive.sync({ ...location, erasures: [], messages: [secret] }, signal);
    await onDatabase(database.url, fill);
    for (let times = 1; times <= 3; times += 1) await expect(file()).rejects.toThrow(ArchiveError);
    expect(archive.health()).toEqual({
      ok: false,
      why: "Postgres' disk is full: make room there",
      needsOperator: true,
    });
    // It still answers, and stays unready.
    expect(await archive.read({ conversation: location.conversation, limit: 1 }, signal)).toEqual([]);
    expect(archive.health().ok).toBe(false);
    await onDatabase(database.url, makeRoom);
    await expect.poll(() => archive.health(), { timeout: 60_000 }).toEqual({ ok: true, why: "" });
    await file();
    // What its sessions' end did to an index that was just being made is told too.
    const told = log.lines.map(({ message }) => message).filter((each) => each.startsWith("Postgres takes"));
    expect(told).toEqual([
      "Postgres takes no writes; the archive catches up when it does",
      "Postgres takes writes again",
    ]);
  });
});

async function onDatabase(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}

/** An operator's backup. Row by row if there is no pg_dump, or one older than the server. */
async function dumpOf(url: string): Promise<string> {
  const dumped = spawnSync("pg_dump", ["--dbname", url], { encoding: "utf8", maxBuffer: 100_000_000 });
  return dumped.status === 0 ? dumped.stdout : rowsIn(url);
}

function through(gate: TcpGate, address: string): string {
  const url = new URL(address);
  url.port = String(gate.port);
  return url.href;
}

/** Answers like a Postgres without TLS. */
async function openPlainServer(): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end("N"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("Not a TCP port");
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, "close");
    },
  };
}
