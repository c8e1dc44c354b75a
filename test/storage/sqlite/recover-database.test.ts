import { copyFileSync, readdirSync, rmSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import type { ConversationKey } from "../../../src/domain/conversation.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { bytesOf } from "../../support/core/bytes-of.ts";
import { migrations } from "../../../src/storage/sqlite/database/migrations.ts";
import { DataFolderError } from "../../../src/storage/sqlite/disk/data-folder.ts";
import { openSqliteStores } from "../../../src/storage/sqlite/open-sqlite-stores.ts";
import { said } from "../../support/core/inbounds.ts";
import { memoryOf } from "../../support/core/memory-of.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const signal = AbortSignal.timeout(600_000);
const conversations = 150;
const secret = "CONFIDENTIAL";
const keyOf = (index: number): ConversationKey => `fake:room:${index}`;
const fileIn = (folder: string): string => join(folder, "threadkeeper.sqlite");

function openIn(folder: string, log: RecordingLog) {
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  return openSqliteStores(folder, { ids, inbounds, log, listeners });
}

type Stores = Awaited<ReturnType<typeof openIn>>;

function memoryRecordOf(index: number) {
  const message = {
    ...said(`m${index}`, `${secret} ${index} ${"x".repeat((index * 37) % 6_000)}`).message,
    role: "person" as const,
    speaker: "Ada",
    tokens: 1,
    chapter: 1,
    answers: [],
    ordinal: 1,
    revision: 1,
  };
  return memoryOf(keyOf(index), { messages: [message], speakers: [{ id: "ada", label: "Ada" }] });
}

async function tell({ inbox, journal }: Stores, index: number): Promise<void> {
  await inbox.accept(said(`m${index}`, `title ${index}`, { conversation: keyOf(index) }), index + 1, signal);
  const { lease } = await journal.claim(keyOf(index), "w", signal);
  const covers = (await inbox.waiting(keyOf(index), signal)).map(({ id }) => id);
  await journal.finish(lease, { covers, posts: [`room/p${index}`], memory: memoryRecordOf(index) }, signal);
  await inbox.accept(said(`w${index}`, `${secret} waits`, { conversation: keyOf(index) }), index + 1, signal);
}

/** A folder in which much was said; closed. */
async function filledFolder() {
  const folder = temporaryFolder();
  await using stores = await openIn(folder.path, new RecordingLog());
  for (let index = 0; index < conversations; index += 1) await tell(stores, index);
  return folder;
}

/** How many conversations are remembered. Each as it was told. */
async function countKept({ memories }: Stores): Promise<number> {
  let kept = 0;
  for (let index = 0; index < conversations; index += 1) {
    const { memory } = await memories.read(keyOf(index), signal);
    if (memory === undefined) continue;
    expect(memory).toEqual(memoryRecordOf(index));
    kept += 1;
  }
  return kept;
}

/** The bot goes on as if nothing had happened: it hears, remembers, finds and lists. */
async function expectToWork(stores: Stores): Promise<void> {
  const key: ConversationKey = "fake:room:new";
  await stores.inbox.accept(said("new", "hello", { conversation: key }), 9_999, signal);
  const { lease } = await stores.journal.claim(key, "w", signal);
  await stores.journal.finish(lease, { covers: [], posts: [], memory: memoryOf(key) }, signal);
  expect(await stores.memories.read(key, signal)).toEqual({ memory: memoryOf(key) });
  expect(await stores.directory.locate("fake", "room", "new", signal)).toBe(key);
  expect(await stores.directory.recent("fake", "room", 1, signal)).toMatchObject([{ conversation: key }]);
  expect(await stores.inbox.waiting(key, signal)).toHaveLength(1);
}

/** Damages the database, opens it twice, and checks what must hold however it was damaged. */
async function damageAndOpen(damage: (file: string) => void) {
  using folder = await filledFolder();
  damage(fileIn(folder.path));
  const damaged = readFileSync(fileIn(folder.path));
  const log = new RecordingLog();
  let kept = 0;
  {
    await using stores = await openIn(folder.path, log);
    kept = await countKept(stores);
    await expectToWork(stores);
  }
  expect(JSON.stringify(log.lines)).not.toContain(secret);
  const again = new RecordingLog();
  {
    await using stores = await openIn(folder.path, again);
    expect(await countKept(stores)).toBe(kept);
  }
  expect(again.lines).toEqual([]);
  const name = readdirSync(folder.path).find((each) => each.includes(".broken-"));
  const path = name && join(folder.path, name);
  const broken =
    path === undefined ? undefined : { path, bytes: readFileSync(path), mode: statSync(path).mode % 0o1000 };
  return { kept, log, damaged, broken, facts: log.lines[0]?.facts ?? {} };
}

/** As `damageAndOpen`, for damage that has to be noticed. */
async function damageAndHear(damage: (file: string) => void) {
  const opened = await damageAndOpen(damage);
  const { log, broken, damaged } = opened;
  expect(log.lines).toMatchObject([
    { level: "error", facts: { database: "threadkeeper.sqlite", broken: broken?.path } },
  ]);
  expect(broken?.bytes.equals(damaged)).toBe(true);
  expect(broken?.mode).toBe(0o600);
  return opened;
}

/** The first page from there on that leads to no others, counted from 0: an inner one costs all that lies below it. */
function outerPageFrom(file: string, part: number): number {
  using database = new DatabaseSync(file, { readOnly: true });
  const from = Math.floor((readFileSync(file).length * part) / 4_096);
  const sql = "SELECT MIN(pageno) AS page FROM dbstat WHERE pageno > ? AND pagetype <> 'internal'";
  return Number(database.prepare(sql).get(from)?.["page"]) - 1;
}

function truncate(file: string, part: number): void {
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(0, Math.floor(bytes.length * part)));
}

/** From the beginning of the page that lies at this part of the file, and never the page after it. */
function overwrite(file: string, part: number, bytes: Uint8Array): void {
  const whole = readFileSync(file);
  const at = Math.round(whole.length * part);
  whole.set(bytes, at - (at % 4_096));
  writeFileSync(file, whole);
}

function overwritePage(file: string, part: number): void {
  const { size } = statSync(file);
  overwrite(file, (Math.floor((size * part) / 4_096) * 4_096) / size, new Uint8Array(4_096).fill(0xff));
}

describe("a truncated database", () => {
  test.each([0.999, 0.95, 0.8, 0.5, 0.2])("of %d of its length yields what is left", async (part) => {
    const { kept, facts } = await damageAndHear((file) => truncate(file, part));
    // Memories lie everywhere in the file, the longer ones on several pages.
    expect(kept).toBeGreaterThan(conversations * (part - 0.25));
    expect(kept).toBeLessThan(conversations + 1);
    expect(facts["why"]).toMatch(/^it was cut short$|^database disk image is malformed$/u);
    expect(Object(facts["recovered"])).toMatchObject({ seen: expect.any(Number) });
    expect(Object.keys(Object(facts["lost"]))).not.toEqual([]);
  });

  test.each([1, 50, 100, 4_096])("of %d bytes starts empty", async (length) => {
    const { kept, facts } = await damageAndHear((file) =>
      writeFileSync(file, readFileSync(file).subarray(0, length)),
    );
    expect(kept).toBe(0);
    expect(facts["recovered"]).toEqual({});
  });

  test("of no bytes starts empty", async () => {
    const { kept, facts } = await damageAndHear((file) => writeFileSync(file, ""));
    expect(kept).toBe(0);
    expect(facts).toMatchObject({ why: "it is empty", recovered: {}, lost: {} });
  });
});

describe("an overwritten database", () => {
  test.each([0.3, 0.5, 0.7])("at %d of its length yields all but a few memories", async (part) => {
    const { kept } = await damageAndOpen((file) => {
      const { length } = readFileSync(file);
      overwrite(file, (outerPageFrom(file, part) * 4_096) / length, new Uint8Array(4_096).fill(0xff));
    });
    expect(kept).toBeGreaterThan(conversations * 0.8);
  });

  test("yields only unchanged memories, whichever pages are lost", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: 0.1, max: 0.99, noNaN: true }), { minLength: 1 }),
        async (parts) => {
          const { kept } = await damageAndOpen((file) => {
            for (const part of parts) {
              const { length } = readFileSync(file);
              overwrite(file, (Math.floor((length * part) / 4_096) * 4_096) / length, new Uint8Array(4_096));
            }
          });
          expect(kept).toBeLessThanOrEqual(conversations);
        },
      ),
      { numRuns: 5 },
    );
  });

  test("at its beginning starts empty, since it is no database", async () => {
    const { kept, facts } = await damageAndHear((file) =>
      overwrite(file, 0, Buffer.from("this is no database")),
    );
    expect(kept).toBe(0);
    expect(facts).toMatchObject({ why: "file is not a database", recovered: {} });
  });

  test("starts empty if all bytes are overwritten", async () => {
    const { kept } = await damageAndHear((file) => {
      const random = Buffer.from(readFileSync(file).map((byte, index) => (byte * 31 + index * 7) % 256));
      writeFileSync(file, random);
    });
    expect(kept).toBe(0);
  });
});

/** So few that no checkpoint empties the log. */
const told = 11;

/** A database and its log, as a killed process leaves them. */
async function killedFolder() {
  const folder = temporaryFolder();
  using alive = temporaryFolder();
  await using stores = await openIn(alive.path, new RecordingLog());
  for (let index = 0; index < told; index += 1) await tell(stores, index);
  for (const name of ["", "-wal"])
    copyFileSync(`${fileIn(alive.path)}${name}`, `${fileIn(folder.path)}${name}`);
  return folder;
}

describe("the log of a killed process", () => {
  test("is read without a log line", async () => {
    using folder = await killedFolder();
    const log = new RecordingLog();
    await using stores = await openIn(folder.path, log);
    expect(await countKept(stores)).toBe(told);
    expect(log.lines).toEqual([]);
  });

  test("yields everything if the database itself is missing", async () => {
    for (const leave of [(file: string) => rmSync(file), (file: string) => writeFileSync(file, "")]) {
      using folder = await killedFolder();
      leave(fileIn(folder.path));
      const log = new RecordingLog();
      await using stores = await openIn(folder.path, log);
      expect(await countKept(stores)).toBe(told);
      expect(log.lines).toMatchObject([{ level: "error", facts: { recovered: { keyv: told }, lost: {} } }]);
    }
  });

  test.each([
    ["in its middle", 0.5],
    ["near its end", 0.999],
  ])("yields everything before the damage if it is damaged %s, and this is logged", async (_name, part) => {
    using folder = await killedFolder();
    const file = `${fileIn(folder.path)}-wal`;
    overwrite(file, part, Buffer.alloc(20, 0xaa));
    const damaged = readFileSync(file);
    const log = new RecordingLog();
    await using stores = await openIn(folder.path, log);
    expect(await countKept(stores)).toBeGreaterThan(told * part - 4);
    await expectToWork(stores);
    expect(log.lines).toMatchObject([
      { level: "error", message: expect.stringMatching(/^what was written last to a database is lost/u) },
    ]);
    expect(readFileSync(String(log.lines[0]?.facts["broken"])).equals(damaged)).toBe(true);
    expect(JSON.stringify(log.lines)).not.toContain(secret);
  });

  test("yields nothing if its beginning is damaged and all data was in it, and this is logged", async () => {
    using folder = await killedFolder();
    overwrite(`${fileIn(folder.path)}-wal`, 0, Buffer.alloc(32, 0xaa));
    const log = new RecordingLog();
    await using stores = await openIn(folder.path, log);
    expect(await countKept(stores)).toBe(0);
    await expectToWork(stores);
    expect(log.lines).toMatchObject([
      {
        level: "error",
        facts: { why: expect.stringContaining("the end of its write-ahead log can't be read") },
      },
    ]);
  });
});

describe("a recovered database", () => {
  test("lists conversations again that only their memory names, with their authors, and syncs them again", async () => {
    using folder = await filledFolder();
    {
      using database = new DatabaseSync(fileIn(folder.path));
      database.exec("DELETE FROM conversation; DELETE FROM author");
    }
    overwritePage(fileIn(folder.path), 0.5);
    await using stores = await openIn(folder.path, new RecordingLog());
    const kept = await countKept(stores);
    const listed = await stores.directory.recent("fake", "room", conversations, signal);
    expect(listed).toHaveLength(kept);
    expect(await stores.directory.ofAuthor("fake", "ada", conversations, signal)).toHaveLength(kept);
    expect(await stores.outbox.pending(conversations, signal)).toHaveLength(kept);
  });

  test("no longer says which conversations the archive has, since marks may be lost", async () => {
    using folder = await filledFolder();
    const archived: ConversationKey = "fake:room:archived";
    {
      await using stores = await openIn(folder.path, new RecordingLog());
      await stores.archivedMarks.markComplete(signal);
      expect(await stores.archivedMarks.mayBeArchived(archived, signal)).toBe(false);
    }
    overwritePage(fileIn(folder.path), 0.5);
    await using stores = await openIn(folder.path, new RecordingLog());
    expect(await stores.archivedMarks.isComplete(signal)).toBe(false);
    expect(await stores.archivedMarks.mayBeArchived(archived, signal)).toBe(true);
  });

  test("continues the order of acceptance, and repeats no id", async () => {
    using folder = await filledFolder();
    truncate(fileIn(folder.path), 0.6);
    await using stores = await openIn(folder.path, new RecordingLog());
    using database = new DatabaseSync(fileIn(folder.path), { readOnly: true });
    const last = database.prepare("SELECT MAX(seq) AS last FROM located").get()?.["last"];
    await stores.inbox.accept(said("new", "hello", { conversation: "fake:new" }), 1, signal);
    const [entry] = await stores.inbox.waiting("fake:new", signal);
    expect(entry?.id).toMatch(/^\d+\..+$/u);
    expect(entry?.seq).toBeGreaterThan(Number(last));
  });

  test("in an older format is upgraded to the newest", async () => {
    using folder = temporaryFolder();
    const memories = 200;
    {
      using database = new DatabaseSync(fileIn(folder.path));
      for (const migration of migrations.slice(0, 3)) database.exec(migration);
      database.exec(
        "PRAGMA user_version = 3; CREATE TABLE keyv (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at_ms INTEGER) WITHOUT ROWID",
      );
      const insert = database.prepare("INSERT INTO keyv (key, value) VALUES (?, ?)");
      database.exec("BEGIN");
      for (let index = 0; index < memories; index += 1) {
        insert.run(`memory:${keyOf(index)}`, bytesOf(memoryRecordOf(index)));
      }
      database.exec("COMMIT");
    }
    overwrite(fileIn(folder.path), 0.8, new Uint8Array(4_096).fill(0xff));
    const log = new RecordingLog();
    await using stores = await openIn(folder.path, log);
    expect(await countKept(stores)).toBeGreaterThan(conversations * 0.8);
    expect(log.lines).toHaveLength(1);
    await expectToWork(stores);
  });

  test("in a newer format is left to the version that wrote it", async () => {
    using folder = await filledFolder();
    {
      using database = new DatabaseSync(fileIn(folder.path));
      database.exec("PRAGMA user_version = 99");
    }
    truncate(fileIn(folder.path), 0.5);
    const before = readFileSync(fileIn(folder.path));
    await expect(openIn(folder.path, new RecordingLog())).rejects.toThrow(DataFolderError);
    expect(readFileSync(fileIn(folder.path)).equals(before)).toBe(true);
  });

  test("is recovered again if the first recovery was interrupted", async () => {
    using folder = await filledFolder();
    truncate(fileIn(folder.path), 0.9);
    writeFileSync(`${fileIn(folder.path)}.recovering`, "half of it");
    await using stores = await openIn(folder.path, new RecordingLog());
    expect(await countKept(stores)).toBeGreaterThan(conversations / 2);
    expect(readdirSync(folder.path)).not.toContain("threadkeeper.sqlite.recovering");
  });
});
