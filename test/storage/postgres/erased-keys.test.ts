import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import fc from "fast-check";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Erasure, RememberedMessage } from "../../../src/domain/conversation-memory.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { keyAt, type Seed } from "../../../src/storage/postgres/sealing/key-tree.ts";
import { openPostgresArchive } from "../../../src/storage/postgres/open-postgres-archive.ts";
import { memoryOf } from "../../support/core/memory-of.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { bytesIn, keysOf, marksIn, rowsOf, seedsIn } from "../../support/postgres/inspect-keys.ts";
import {
  postgresServerIsMissing,
  startPostgresServer,
  type PostgresServer,
} from "../../support/postgres/postgres-server.ts";

const signal = AbortSignal.timeout(600_000);
const patiently = { timeout: 60_000, interval: 50 };
const ports = { waitMs: 10_000, clock, log: new RecordingLog() };
const rooms = ["fake:room:0", "fake:room:1", "fake:room:2"] as const;
type Room = (typeof rooms)[number];

let server: PostgresServer;

/** A new database on the server whose files are inspected. */
async function openDatabase() {
  const name = `d${Math.random().toString(36).slice(2)}`;
  await rowsOf(server.url, `CREATE DATABASE ${name}`);
  const url = server.url.replace(/postgres$/u, name);
  const archive = await openPostgresArchive(url, ports);
  return { url, archive, [Symbol.asyncDispose]: () => archive[Symbol.asyncDispose]() };
}

type Database = Awaited<ReturnType<typeof openDatabase>>;

/** Makes every insert from now on fail at its commit. */
async function breakCommits(url: string, isBroken: boolean): Promise<void> {
  await rowsOf(
    url,
    isBroken
      ? `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''broken''; END';
         CREATE CONSTRAINT TRIGGER broken AFTER INSERT OR UPDATE ON threadkeeper.message
           DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse()`
      : "DROP FUNCTION refuse CASCADE",
  );
}

/** Messages in some rooms, their sync, and what the archive should have. */
class Town {
  readonly live = new Map<string, { room: Room; message: RememberedMessage }>();
  /** Every seed ever seen. */
  readonly seen = new Map<string, Buffer>();
  readonly #database: Database;
  #count = 10_000;

  constructor(database: Database) {
    this.#database = database;
  }

  mark(): string {
    this.#count += 1;
    return `zq${this.#count}`;
  }

  async say(room: Room, by: string): Promise<void> {
    const id = `m${this.#count}`;
    const name = this.mark();
    const message = {
      id,
      text: `${this.mark()} ${"long ".repeat(this.#count % 7 === 0 ? 300 : 1)}${this.mark()}`,
      author: { id: by, name },
      saidAtMs: this.#count,
      attachments: [{ name: this.mark() }],
      permalink: `https://example.com/${this.mark()}`,
      role: "person" as const,
      speaker: name,
      tokens: 1,
      chapter: 1,
      answers: [],
      ordinal: this.#count,
      revision: this.#count,
    };
    await this.#file(room, [message]);
    this.live.set(`${room} ${id}`, { room, message });
  }

  async edit(at: number): Promise<void> {
    const known = this.#nth(at);
    if (known === undefined) return;
    const message = { ...known.message, text: `${this.mark()} edited`, revision: this.#count };
    await this.#file(known.room, [message]);
    this.live.set(`${known.room} ${message.id}`, { room: known.room, message });
  }

  async delete(at: number): Promise<void> {
    const known = this.#nth(at);
    if (known === undefined) return;
    const { id } = known.message;
    await this.#file(known.room, [], [{ kind: "message", message: id, revision: this.#count }]);
    this.live.delete(`${known.room} ${id}`);
    // And once more, unchanged.
    await this.#file(known.room, [known.message]);
  }

  async erase(room: Room, by?: string): Promise<void> {
    const bound = { beforeOrdinal: this.#count + 1, revision: this.#count };
    const erasure: Erasure =
      by === undefined ? { kind: "all", ...bound } : { kind: "author", author: by, ...bound };
    await this.#file(room, [], [erasure]);
    this.#drop((each) => each.room === room && (by === undefined || each.message.author.id === by));
  }

  async forget(by: string): Promise<void> {
    await this.#database.archive.eraseAuthor("fake", by, this.#count + 1, signal);
    this.#drop(({ message }) => message.author.id === by);
  }

  async expire(at: number): Promise<void> {
    const beforeMs = this.#nth(at)?.message.saidAtMs ?? 0;
    await this.#database.archive.expire(beforeMs, signal);
    this.#drop(({ message }) => message.saidAtMs < beforeMs);
  }

  /** Syncs a message whose transaction is rolled back at the commit. */
  async fail(room: Room): Promise<void> {
    await breakCommits(this.#database.url, true);
    const isRefused = await this.say(room, "ada").then(
      () => false,
      () => true,
    );
    await breakCommits(this.#database.url, false);
    if (!isRefused) throw new RangeError("It was taken");
  }

  async rename(room: Room): Promise<void> {
    await this.#database.archive.rename(room, this.mark(), signal);
  }

  /** Records the present seeds and all that they derive. */
  async look(): Promise<void> {
    const seeds = await seedsIn(this.#database.url);
    for (const { bytes } of [...seeds.values()].flat()) this.seen.set(bytes.toString("hex"), bytes);
  }

  #nth(at: number) {
    return [...this.live.values()][at % Math.max(1, this.live.size)];
  }

  #drop(isGone: (each: { room: Room; message: RememberedMessage }) => boolean): void {
    for (const [key, each] of this.live) if (isGone(each)) this.live.delete(key);
  }

  async #file(
    room: Room,
    messages: readonly RememberedMessage[],
    erasures: readonly Erasure[] = [],
  ): Promise<void> {
    const revision = this.#count;
    const speakers = [{ id: "ada", label: this.mark() }];
    const cites = [{ message: "m", ordinal: 1, saidAtMs: 1 }];
    const lines = [{ text: `${this.mark()} said`, cites, tokens: 1 }];
    const summary = { lines, upTo: 1, dropped: 0, madeAtMs: 1 };
    const memory = memoryOf(room, { revision, nextOrdinal: revision, speakers, summary });
    const head = { memory, listing: { title: this.mark(), lastAtMs: revision } };
    await this.#database.archive.sync(
      { conversation: room, platform: "fake", place: "room", messages, erasures, head },
      signal,
    );
  }
}

const room = fc.constantFrom(...rooms);
const by = fc.constantFrom("ada", "bob");
const at = fc.nat({ max: 50 });
const step = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(fc.constant("say" as const), room, by) },
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom("edit" as const, "delete" as const), at) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("erase" as const), room, fc.option(by, { nil: undefined })) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("forget" as const), by) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("expire" as const), fc.nat({ max: 3 })) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom("fail" as const, "rename" as const), room) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("scrub" as const)) },
);
type Step = typeof step extends fc.Arbitrary<infer Each> ? Each : never;

async function take(town: Town, { archive }: Database, each: Step): Promise<void> {
  switch (each[0]) {
    case "say":
      return town.say(each[1], each[2]);
    case "edit":
      return town.edit(each[1]);
    case "delete":
      return town.delete(each[1]);
    case "erase":
      return town.erase(each[1], each[2]);
    case "forget":
      return town.forget(each[1]);
    case "expire":
      return town.expire(each[1]);
    case "fail":
      return town.fail(each[1]);
    case "rename":
      return town.rename(each[1]);
    case "scrub":
      return archive.scrub(signal);
  }
}

/** Scrubs until nothing is left to do. An older transaction may block it for a moment. */
async function scrubAll({ url, archive }: Pick<Database, "url" | "archive">): Promise<void> {
  const left = async (): Promise<unknown> => {
    await archive.scrub(signal);
    return rowsOf(url, "SELECT part FROM threadkeeper.unclean UNION ALL SELECT 1 FROM threadkeeper.spent");
  };
  await expect.poll(left, patiently).toEqual([]);
  await rowsOf(url, "CHECKPOINT");
}

/** Those of the seeds that a file contains. Leaves out the log unless `isLogMeant`. */
function seedsInFiles(seeds: readonly Buffer[], isLogMeant = false): readonly string[] {
  const files = [...bytesIn(server.folder)].filter(({ path }) => isLogMeant || !path.includes("pg_wal"));
  return seeds
    .filter((seed) => files.some(({ bytes }) => bytes.includes(seed)))
    .map((seed) => seed.toString("hex"));
}

async function expectOnlyLiveKeys(url: string): Promise<void> {
  for (const kind of ["message", "head"] as const) {
    const { canBeMade, inUse } = await keysOf(url, kind);
    expect(canBeMade).toEqual(inUse);
  }
}

describe.skipIf(postgresServerIsMissing)(`erased data in Postgres ${postgresServerIsMissing ?? ""}`, () => {
  beforeAll(async () => {
    // What is in its files, and when, depends on the tests alone.
    const still = { autovacuum: "off", bgwriter_lru_maxpages: "0", checkpoint_timeout: "1d" };
    server = await startPostgresServer({ ...still, wal_recycle: "off" });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test("is in none of its files, has no key, and leaves the rest readable, whichever way it was erased", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60, size: "max" }), async (steps) => {
        await using database = await openDatabase();
        const { url, archive } = database;
        const town = new Town(database);
        for (const each of steps) {
          await take(town, database, each);
          await town.look();
        }
        await scrubAll(database);
        // Neither deleted nor present content: texts, words, names, files, links, titles, summaries.
        expect(marksIn(server.folder)).toEqual(new Set());
        await expectOnlyLiveKeys(url);
        const kept = new Set(
          [...(await seedsIn(url)).values()].flat().map(({ bytes }) => bytes.toString("hex")),
        );
        const gone = [...town.seen].flatMap(([name, bytes]) => (kept.has(name) ? [] : [bytes]));
        expect(seedsInFiles(gone)).toEqual([]);
        for (const conversation of rooms) {
          const expected = [...town.live.values()].flatMap((each) =>
            each.room === conversation ? [each.message] : [],
          );
          const read = await archive.read({ conversation, limit: 1_000 }, signal);
          expect(read.map(({ id, text, author }) => ({ id, text, author }))).toEqual(
            expected.map(({ id, text, author }) => ({ id, text, author })),
          );
        }
        const [last] = [...town.live.values()].slice(-1);
        const words = last?.message.text.slice(0, 7) ?? "nothing";
        const { messages } = await archive.search(
          { words, platform: "fake", places: ["room"], limit: 9 },
          signal,
        );
        expect(messages.map(({ id }) => id)).toEqual(last === undefined ? [] : [last.message.id]);
      }),
      { numRuns: 4, endOnFailure: true },
    );
  });

  test("has no key even if the first insert was rolled back before there was a seed", async () => {
    await using database = await openDatabase();
    const town = new Town(database);
    await town.fail("fake:room:0");
    await scrubAll(database);
    await town.say("fake:room:0", "ada");
    await scrubAll(database);
    const { canBeMade, inUse } = await keysOf(database.url, "message");
    expect(canBeMade).toEqual(inUse);
  });

  test("can't be unsealed with anything in the tables and files, although it may still lie there", async () => {
    await using database = await openDatabase();
    const { url, archive } = database;
    const town = new Town(database);
    for (let each = 0; each < 300; each += 1) await town.say("fake:room:0", "ada");
    const [root] = (await seedsIn(url)).get(0) ?? [];
    const path = pathTo(root, 100);
    const [{ sealed, id } = {}] = await rowsOf(
      url,
      "SELECT sealed, id FROM threadkeeper.message WHERE key = 100",
    );
    expect(seedsInFiles(path.slice(0, 1))).toEqual([]);
    await rowsOf(url, "CHECKPOINT");
    expect(seedsInFiles(path.slice(0, 1))).toHaveLength(1);
    await archive.sync(
      {
        conversation: "fake:room:0",
        platform: "fake",
        place: "room",
        messages: [],
        erasures: [{ kind: "message", message: String(id), revision: 99_999 }],
      },
      signal,
    );
    await scrubAll(database);
    if (!Buffer.isBuffer(sealed)) throw new TypeError("Sealed is bytes");
    expect(seedsInFiles([sealed], true)).toHaveLength(1);
    expect(seedsInFiles(path)).toEqual([]);
    // The log keeps the root until its segments are gone.
    expect(seedsInFiles(path, true)).toEqual([path[0]?.toString("hex")]);
    for (let segment = 0; segment < 3; segment += 1) {
      await rowsOf(url, "CREATE TABLE more (); SELECT pg_switch_wal()");
      await rowsOf(url, "DROP TABLE more; CHECKPOINT");
    }
    expect(seedsInFiles(path, true)).toEqual([]);
    expect(await archive.read({ conversation: "fake:room:0", limit: 1_000 }, signal)).toHaveLength(299);
  });

  test("loses its keys even if its process and Postgres are killed again and again", async () => {
    await using database = await openDatabase();
    const { url, archive } = database;
    const gone: number[] = [];
    for (let round = 1; round <= 3; round += 1) {
      gone.push(...(await killAfter(url, { first: round * 10_000, lines: 20 + round * 7 })));
      if (round === 2) {
        await server.kill();
        await server.start();
      }
    }
    await expect
      .poll(
        () =>
          scrubAll(database).then(
            () => true,
            () => false,
          ),
        patiently,
      )
      .toBe(true);
    expect(marksIn(server.folder)).toEqual(new Set());
    await expectOnlyLiveKeys(url);
    const texts: string[] = [];
    for (let index = 0; index < 5; index += 1) {
      const conversation = `fake:room:${index}` as const;
      texts.push(...(await archive.read({ conversation, limit: 1_000 }, signal)).map(({ text }) => text));
      const known = await archive.findConversation(conversation, signal);
      expect(known?.head?.listing?.title).toMatch(/^zq\d{5}$/u);
    }
    const [{ count } = {}] = await rowsOf(url, "SELECT count(*)::int AS count FROM threadkeeper.message");
    expect(texts).toHaveLength(Number(count));
    expect(texts.length).toBeGreaterThan(20);
    const left = gone.filter((each) => each % 3 !== 0 && texts.includes(`zq${each} is said`));
    expect(left).toEqual([]);
  });

  test("keeps its keys no longer than a backup runs, and logs it", async () => {
    await using database = await openDatabase();
    const { url } = database;
    const log = new RecordingLog();
    // The pauses between tries do nothing here.
    const hasty: Clock = { ...clock, sleep: (ms, within) => clock.sleep(ms / 20, within) };
    await using archive = await openPostgresArchive(url, { ...ports, clock: hasty, log });
    const town = new Town({ ...database, archive });
    for (let each = 0; each < 5; each += 1) await town.say("fake:room:0", "ada");
    const backup = new Client({ connectionString: url });
    await backup.connect();
    await backup.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    await backup.query("SELECT FROM threadkeeper.erased");
    await town.look();
    await town.delete(0);
    await archive.scrub(signal);
    expect(log.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
    // What the backup copies can still be unsealed.
    const { rows } = await backup.query("SELECT cover FROM threadkeeper.seed WHERE block = 0");
    expect(town.seen.has(rows[0]?.cover.subarray(2, 34).toString("hex"))).toBe(true);
    await town.delete(0);
    await archive.scrub(signal);
    expect(log.lines.filter(({ level }) => level === "warn")).toHaveLength(1);
    await backup.query("COMMIT");
    await backup.end();
    await scrubAll({ url, archive });
    expect(seedsInFiles([...town.seen.values()])).toEqual([]);
    expect(log.lines.at(-1)?.message).toMatch(/are gone/u);
  });
});

/** The seeds from the root down to a key. */
function pathTo(root: Seed | undefined, position: number): readonly Buffer[] {
  if (root === undefined) return [];
  const path: Buffer[] = [];
  for (let height = root.height; height >= 0; height -= 1) {
    const first = Math.floor(position / 2 ** height) * 2 ** height;
    path.push(seedAt(root, first, height));
  }
  return path;
}

/** Derives the seed at a height, like keyAt derives a key. */
function seedAt(root: Seed, first: number, height: number): Buffer {
  const higher = { first: 0, height: root.height - height, bytes: root.bytes };
  const bytes = keyAt([higher], first / 2 ** height);
  if (bytes === undefined) throw new RangeError("Not in this tree");
  return bytes;
}

/** Runs syncing-process until it has deleted this many messages, and kills it. Returns which were deleted. */
async function killAfter(
  url: string,
  { first, lines }: { readonly first: number; readonly lines: number },
): Promise<readonly number[]> {
  const script = fileURLToPath(new URL("../../support/postgres/syncing-process.ts", import.meta.url));
  const child = spawn(process.execPath, [script, url, String(first)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exit = once(child, "exit");
  let said = "";
  for await (const bytes of child.stdout) {
    said += String(bytes);
    if (said.split("\n").length > lines) child.kill("SIGKILL");
  }
  expect(await exit).toEqual([null, "SIGKILL"]);
  return said.split("\n").slice(0, -1).map(Number);
}
