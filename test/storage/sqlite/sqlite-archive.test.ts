import { readFileSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { describe, expect, test } from "vitest";

import type { Erasure, RememberedMessage } from "../../../src/domain/conversation-memory.ts";
import { archiveMigrations } from "../../../src/storage/sqlite/archive/archive-migrations.ts";
import { locationOf } from "../../../src/storage/sqlite/archive/archive-words.ts";
import { openSqliteArchive } from "../../../src/storage/sqlite/sqlite-archive.ts";
import { openSqliteTurnRecords } from "../../../src/storage/sqlite/sqlite-turn-records.ts";
import type { ArchivedConversations } from "../../../src/ports/archived-conversations.ts";
import type { Archive } from "../../../src/ports/archive.ts";
import type { SecretArchive } from "../../../src/ports/secret-archive.ts";
import { archivedConversationsContract } from "../../contracts/archived-conversations-contract.ts";
import { archiveContract } from "../../contracts/archive-contract.ts";
import { feedbackContract } from "../../contracts/feedback-contract.ts";
import {
  batch as filedTogether,
  record,
  turnRecordsContract,
} from "../../contracts/turn-records-contract.ts";
import { secretArchiveContract } from "../../contracts/secret-archive-contract.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { filesIn } from "../../support/every-byte.ts";
import { putEmptyDatabases } from "../../support/sqlite/empty-databases.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const signal = AbortSignal.timeout(600_000);
const log = new RecordingLog();

async function open(): Promise<Archive & ArchivedConversations & SecretArchive> {
  const folder = temporaryFolder();
  await putEmptyDatabases(folder.path);
  const archive = await openSqliteArchive(folder.path, { log });
  const close = archive[Symbol.asyncDispose].bind(archive);
  return Object.assign(archive, {
    [Symbol.asyncDispose]: async () => {
      await close();
      folder[Symbol.dispose]();
    },
  });
}

const said = (id: string, text: string, ordinal: number) => ({
  id,
  text,
  author: { id: "ada", name: "Ada" },
  saidAtMs: 1_000,
  attachments: [],
  role: "person" as const,
  speaker: "Ada",
  tokens: 3,
  chapter: 1,
  answers: [],
  ordinal,
  revision: 1,
});
const byBob = (message: ReturnType<typeof said>) =>
  Object.assign(message, { author: { id: "bob", name: "Bob" } });
const location = { conversation: "fake:room:1", platform: "fake", place: "room" } as const;

describe("the archive in SQLite", () => {
  archiveContract(open);
  archivedConversationsContract(open);
  secretArchiveContract(open);
  const openRecords = async () => {
    const opened = new AsyncDisposableStack();
    const folder = opened.use(temporaryFolder());
    await putEmptyDatabases(folder.path);
    const archive = opened.use(await openSqliteArchive(folder.path, { log }));
    const records = opened.use(openSqliteTurnRecords(folder.path));
    return { archive, records, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  };
  turnRecordsContract(openRecords);
  feedbackContract(openRecords);

  test("keeps its data after a restart", async () => {
    using folder = temporaryFolder();
    {
      await using before = await openSqliteArchive(folder.path, { log });
      await before.sync({ ...location, erasures: [], messages: [said("m1", "hello", 1)] }, signal);
    }
    await using after = await openSqliteArchive(folder.path, { log });
    expect((await after.find("fake:room:1", "m1", signal))?.text).toBe("hello");
  });

  test("holds no byte of deleted data in any file, whichever way it was deleted", async () => {
    using folder = temporaryFolder();
    await using archive = await openSqliteArchive(folder.path, { log });
    const chatter: RememberedMessage[] = Array.from({ length: 400 }, (_, index) =>
      said(`c${index}`, `chatter ${"word ".repeat(40)}${index}`, index + 1_000),
    );
    const secret = (way: string, ordinal: number, more: object = {}) => ({
      ...said(way, `they said zq${way}swordfish${way} here`, ordinal),
      ...more,
    });
    const by = (id: string) => ({ author: { id, name: `zqname${id}` }, speaker: `zqname${id}` });
    const answering = { role: "bot" as const, answers: ["author"], posts: ["room/1"] };
    const secrets = [
      secret("message", 1),
      secret("edit", 2),
      secret("author", 3, by("bob")),
      secret("reply", 4, { ...answering, author: { id: "bot", name: "Bot" } }),
      secret("forget", 5, by("eve")),
      secret("expire", 6, { saidAtMs: 10 }),
      secret("notice", 7, { role: "notice" }),
    ];
    for (const [index, each] of secrets.entries()) chatter.splice(index * 50, 0, each);
    await archive.sync({ ...location, erasures: [], messages: chatter }, signal);
    // A growing row pushes its neighbours to other pages.
    const grow = (id: string, index: number) => ({ ...said(id, "longer ".repeat(99), index), revision: 2 });
    const grown = Array.from({ length: 400 }, (_, index) => grow(`c${index}`, index + 1_000));
    await archive.sync({ ...location, erasures: [], messages: grown }, signal);
    const other = { ...location, conversation: "fake:room:2" } as const;
    await archive.sync({ ...other, erasures: [], messages: [secret("all", 1)] }, signal);
    const changed = { ...said("edit", "another word", 2), revision: 2 };
    const erasures = [
      { revision: 2, kind: "message", message: "message" },
      { revision: 2, kind: "message", message: "notice" },
      { revision: 2, kind: "author", author: "bob", beforeOrdinal: 10 },
    ] as const;
    expect(filesIn(folder.path)).toContain("swordfish");
    await archive.sync({ ...location, erasures, messages: [changed] }, signal);
    await archive.sync(
      { ...other, erasures: [{ revision: 2, kind: "all", beforeOrdinal: 2 }], messages: [] },
      signal,
    );
    await archive.eraseAuthor("fake", "eve", 5_000, signal);
    await archive.expire(500, signal);
    await archive.scrub(signal);
    // A truncated word keeps its end, whatever stood before it.
    expect(filesIn(folder.path)).not.toMatch(/swordfish|fish(?:message|edit|all)|zqname|chatter/u);
    expect(filesIn(folder.path)).toContain("longer");
    // And later deletions, from a file that was rewritten.
    await archive.sync({ ...location, erasures: [], messages: [secret("later", 2_000)] }, signal);
    await archive.scrub(signal);
    expect(filesIn(folder.path)).toContain("swordfish");
    await archive.sync(
      { ...location, erasures: [{ revision: 3, kind: "message", message: "later" }], messages: [] },
      signal,
    );
    await archive.scrub(signal);
    expect(filesIn(folder.path)).not.toMatch(/swordfish|fishlater/u);
    expect(await archive.read({ conversation: location.conversation, limit: 1_000 }, signal)).toHaveLength(
      401,
    );
  });

  test("allows other calls while much is written, erased and removed", async () => {
    using folder = temporaryFolder();
    await using archive = await openSqliteArchive(folder.path, { log });
    const many = (from: number) =>
      Array.from({ length: 1_000 }, (_, index) => said(`m${from + index}`, `word ${index}`, from + index));
    const erase = (erasure: Erasure) =>
      archive.sync({ ...location, erasures: [erasure], messages: [] }, signal);
    const write = (from: number) => archive.sync({ ...location, erasures: [], messages: many(from) }, signal);
    expect(await turnsOf(write(1))).toBeGreaterThan(10);
    expect(await turnsOf(erase({ revision: 2, kind: "all", beforeOrdinal: 1_001 }))).toBeGreaterThan(10);
    await write(1_001);
    const theirs = { revision: 3, kind: "author", author: "ada", beforeOrdinal: 2_001 } as const;
    expect(await turnsOf(erase(theirs))).toBeGreaterThan(10);
    await write(2_001);
    expect(await turnsOf(archive.eraseAuthor("fake", "ada", 1_001, signal))).toBeGreaterThan(10);
    expect(await archive.read({ conversation: location.conversation, limit: 9 }, signal)).toEqual([]);
    await archive.sync({ ...location, erasures: [], messages: many(3_001).map(byBob) }, signal);
    expect(await turnsOf(archive.expire(1_001, signal))).toBeGreaterThan(10);
    expect(await archive.read({ conversation: location.conversation, limit: 9 }, signal)).toEqual([]);
  });

  test("can be read while something blocks the sync", async () => {
    using folder = temporaryFolder();
    await using archive = await openSqliteArchive(folder.path, { log });
    await archive.sync({ ...location, erasures: [], messages: [said("m1", "one", 1)] }, signal);
    using outside = new DatabaseSync(join(folder.path, "ledger.sqlite"));
    outside.exec("BEGIN IMMEDIATE");
    let isFiled = false;
    const batch = archive.sync({ ...location, erasures: [], messages: [said("m2", "two", 2)] }, signal);
    const filed = batch.finally(() => (isFiled = true));
    expect((await archive.find(location.conversation, "m1", signal))?.text).toBe("one");
    expect(isFiled).toBe(false);
    outside.exec("ROLLBACK");
    await filed;
    expect((await archive.find(location.conversation, "m2", signal))?.text).toBe("two");
  });

  test("reports that its index is being built, until it is complete", async () => {
    using folder = temporaryFolder();
    await using archive = await openSqliteArchive(folder.path, { log });
    await archive.sync({ ...location, erasures: [], messages: [said("m1", "one", 1)] }, signal);
    const search = () =>
      archive.search({ words: "one", platform: "fake", places: ["room"], limit: 9 }, signal);
    expect(await search()).toMatchObject({ isWhole: true, isBeingIndexed: false });
    using outside = new DatabaseSync(join(folder.path, "ledger.sqlite"));
    outside.exec("INSERT INTO unindexed (id) VALUES (1)");
    expect(await search()).toMatchObject({ isWhole: true, isBeingIndexed: true });
  });

  test("allows other calls while it searches for frequent words", async () => {
    using folder = temporaryFolder();
    await using archive = await openSqliteArchive(folder.path, { log });
    const many = Array.from({ length: 20_000 }, (_, index) =>
      said(`m${index}`, `word ${index % 7}`, index + 1),
    );
    await archive.sync({ ...location, erasures: [], messages: many }, signal);
    const words = "word 1 2 3 4 5 6 0 nowhere";
    const finding = archive.search({ words, platform: "fake", places: ["room"], limit: 10 }, signal);
    expect(await turnsOf(finding)).toBeGreaterThan(20);
  });

  test("accepts changes while the file is cleaned, and leaves clean pages unchanged", async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "ledger.sqlite");
    {
      await using archive = await openSqliteArchive(folder.path, { log });
      const first = [said("m1", "one", 1), said("m2", "two", 2)];
      await archive.sync({ ...location, erasures: [], messages: first }, signal);
      await archive.sync(
        { ...location, erasures: [{ revision: 2, kind: "message", message: "m1" }], messages: [] },
        signal,
      );
      const scrubbing = archive.scrub(signal);
      const batch = archive.sync({ ...location, erasures: [], messages: [said("m3", "three", 3)] }, signal);
      const read = archive.read({ conversation: location.conversation, limit: 9 }, signal);
      await Promise.all([scrubbing, batch]);
      expect((await read).map(({ id }) => id)).toContain("m2");
    }
    await using again = await openSqliteArchive(folder.path, { log });
    const kept = await again.read({ conversation: location.conversation, limit: 9 }, signal);
    expect(kept.map(({ id }) => id)).toEqual(["m2", "m3"]);
    await again.scrub(signal);
    const before = statSync(file, { bigint: true }).mtimeNs;
    await again.scrub(signal);
    expect(statSync(file, { bigint: true }).mtimeNs).toBe(before);
  });

  test("is read and searched as far as possible after it was truncated", async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "ledger.sqlite");
    const chatter = Array.from({ length: 300 }, (_, index) =>
      said(`c${index}`, `chatter ${"word ".repeat(40)}${index}`, index + 1),
    );
    {
      await using before = await openSqliteArchive(folder.path, { log });
      await before.sync({ ...location, erasures: [], messages: chatter }, signal);
      await before.scrub(signal);
    }
    truncateSync(file, Math.floor(statSync(file).size * 0.7));
    const damaged = new RecordingLog();
    await using after = await openSqliteArchive(folder.path, { log: damaged });
    const read = await after.read({ conversation: "fake:room:1", limit: 1_000 }, signal);
    expect(read.length).toBeGreaterThan(100);
    // It waits for the index, which is built while the archive is in use.
    await after.scrub(signal);
    const found = await after.search(
      { words: "chatter", platform: "fake", places: ["room"], limit: 1_000 },
      signal,
    );
    expect(found.messages).toHaveLength(read.length);
    expect(damaged.lines.map(({ level }) => level)).toContain("error");
    expect(JSON.stringify(damaged.lines)).not.toContain("chatter");
  });

  test("keeps no feedback after a recovery that lost the record of its turn", async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "ledger.sqlite");
    const rating = (turn: string) => ({ turn, author: "bob", verdict: "up", atMs: 1, revision: 1 }) as const;
    {
      await using before = await openSqliteArchive(folder.path, { log });
      const feedback = ["turn-1", "turn-2"].map(rating);
      await before.sync(filedTogether({ records: [record(1), record(2)], feedback }), signal);
      const chatter = Array.from({ length: 100 }, (_, index) =>
        said(`c${index}`, "word ".repeat(80), index + 1),
      );
      await before.sync(filedTogether({ messages: chatter }), signal);
      await before.scrub(signal);
    }
    {
      using database = new DatabaseSync(file);
      database.exec("DROP TRIGGER rated_turn_gone; DELETE FROM turn_record WHERE id = 'turn-1'");
    }
    truncateSync(file, Math.floor(statSync(file).size * 0.9));
    await using after = await openSqliteArchive(folder.path, { log });
    const verdicts = await after.verdictsOf("bob", ["turn-1", "turn-2"], signal);
    expect([...verdicts]).toEqual([["turn-2", "up"]]);
  });

  test("of format 2 gets a new index while in use, without words of deleted messages", async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, "ledger.sqlite");
    const count = 400;
    {
      using database = new DatabaseSync(file);
      database.exec(`PRAGMA secure_delete = ON; ${archiveMigrations[0]}; PRAGMA user_version = 1; BEGIN`);
      const keep =
        database.prepare(`INSERT INTO message (conversation, id, platform, place, ordinal, revision, chapter,
        role, author_id, author_name, speaker, text, said_at_ms, attachments, answers)
        VALUES ('fake:room:1', ?, 'fake', 'room', ?, 1, 1, 'person', 'ada', 'Ada', 'Ada', ?, 1000, '[]', '[]')`);
      const index = database.prepare("INSERT INTO search (rowid, words, home) VALUES (?, ?, ?)");
      for (let each = 1; each <= count; each += 1) {
        const text = [1, 2, 200, 399].includes(each) ? `zqword zq${each}swordfish` : `zqword ${each}`;
        keep.run(`m${each}`, each, text);
        index.run(each, text, locationOf({ conversation: "fake:room:1", platform: "fake", place: "room" }));
      }
      database.exec("COMMIT; DELETE FROM message WHERE id = 'm1'");
    }
    expect(filesIn(folder.path)).toContain("swordfish");
    {
      await using archive = await openSqliteArchive(folder.path, { log });
      const erasures = ["m2", "m399"].map((message) => ({ revision: 2, kind: "message", message }) as const);
      const changed = { ...said("m200", "zqword another", 200), revision: 2 };
      await archive.sync(
        { ...location, erasures, messages: [changed, said("new", "zqword new", 500)] },
        signal,
      );
      await archive.scrub(signal);
      const search = { words: "zqword", platform: "fake", places: ["room"], limit: 1_000 };
      const told = await archive.read({ conversation: location.conversation, limit: 1_000 }, signal);
      expect(told).toHaveLength(count - 2);
      const { messages } = await archive.search(search, signal);
      expect(idsIn(messages).toSorted()).toEqual(idsIn(told).toSorted());
      expect(filesIn(folder.path)).not.toContain("swordfish");
    }
    using database = new DatabaseSync(file);
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE name GLOB 'search_old*'").all()).toEqual(
      [],
    );
    expect(() => database.exec("INSERT INTO search (search) VALUES ('integrity-check')")).not.toThrow();
  });

  test("writes little for one deletion in a big file", async () => {
    using folder = temporaryFolder();
    await using archive = await openSqliteArchive(folder.path, { log });
    const messages = Array.from({ length: 600 }, (_, index) =>
      said(`m${index}`, `zq${index} ${"word ".repeat(4_000)}`, index + 1),
    );
    await archive.sync({ ...location, erasures: [], messages }, signal);
    await archive.scrub(signal);
    const { size } = statSync(join(folder.path, "ledger.sqlite"));
    const before = writtenBytes();
    await archive.sync(
      { ...location, erasures: [{ revision: 2, kind: "message", message: "m300" }], messages: [] },
      signal,
    );
    await archive.scrub(signal);
    expect(writtenBytes() - before).toBeLessThan(size / 10);
  });

  test("writes the words of new messages of many conversations as one part of the index", async () => {
    using folder = temporaryFolder();
    await using archive = await openSqliteArchive(folder.path, { log });
    const batches = Array.from({ length: 30 }, (_, index) => ({
      ...location,
      conversation: `fake:room:${index}` as const,
      erasures: [],
      messages: [said("m1", `hello ${index}`, 1), said("m2", `goodbye ${index}`, 2)],
    }));
    expect(await archive.syncNew(batches, signal)).toEqual([]);
    using database = new DatabaseSync(join(folder.path, "ledger.sqlite"), { readOnly: true });
    const parts = database.prepare("SELECT COUNT(DISTINCT segid) AS count FROM search_idx").get();
    expect(parts).toEqual({ count: 1 });
  });

  test.each([
    ["person", ["goodbye"]],
    ["notice", []],
  ] as const)(
    "has only the last words of a new message that comes twice, from a %s, and none once it is erased",
    async (role, last) => {
      using folder = temporaryFolder();
      await using archive = await openSqliteArchive(folder.path, { log });
      const messages = [said("m1", "hello", 1), { ...said("m1", "goodbye", 1), role, revision: 2 }];
      expect(await archive.syncNew([{ ...location, erasures: [], messages }], signal)).toEqual([]);
      using database = new DatabaseSync(join(folder.path, "ledger.sqlite"));
      database.exec("CREATE VIRTUAL TABLE temp.word USING fts5vocab(main, search, instance)");
      const words = (): readonly unknown[] =>
        database
          .prepare("SELECT term FROM word WHERE col = 'words' ORDER BY term")
          .all()
          .map(({ term }) => term);
      expect(words()).toEqual(last);
      const erasures: Erasure[] = [{ revision: 3, kind: "message", message: "m1" }];
      await archive.sync({ ...location, erasures, messages: [] }, signal);
      expect(words()).toEqual([]);
    },
  );

  test("of a newer version is left unchanged, and the error says what to do", async () => {
    using folder = temporaryFolder();
    new DatabaseSync(join(folder.path, "ledger.sqlite")).exec("PRAGMA user_version = 99");
    await expect(openSqliteArchive(folder.path, { log })).rejects.toThrow(
      /newer Threadkeeper wrote the archive \(format 99, .*restore a backup/u,
    );
  });
});

/** The bytes that this process has written to files. */
function writtenBytes(): number {
  return Number(/wchar: (\d+)/u.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
}

function idsIn(messages: readonly { readonly id: string }[]): readonly string[] {
  return messages.map(({ id }) => id);
}

/** How often other events ran during the work. */
async function turnsOf(work: Promise<unknown>): Promise<number> {
  let isDone = false;
  let turns = 0;
  const count = (): void => {
    turns += 1;
    if (!isDone) setImmediate(count);
  };
  setImmediate(count);
  await work;
  isDone = true;
  return turns;
}
