import { readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect, test } from "vitest";

import { commitsOf } from "../../../src/storage/sqlite/connection/commits.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** A table of words, and another connection to it, which sees only what is committed. */
function open() {
  const opened = new DisposableStack();
  const file = join(opened.use(temporaryFolder()).path, "test.sqlite");
  const database = opened.use(new DatabaseSync(file));
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE word (word TEXT PRIMARY KEY, of TEXT)");
  const other = opened.use(new DatabaseSync(file));
  const commits = commitsOf(database);
  commits.share();
  const insert = database.prepare("INSERT INTO word (word) VALUES (?)");
  const read = (from: DatabaseSync) => from.prepare("SELECT word FROM word ORDER BY word").all();
  return {
    database,
    commits,
    insert: (word: string): void => void insert.run(word),
    committed: () => read(other).map(({ word }) => word),
    seen: () => read(database).map(({ word }) => word),
    [Symbol.dispose]: () => opened.dispose(),
  };
}

test("writes of one round of the event loop are committed together, and each sees those before it", async () => {
  using words = open();
  const { commits, insert, committed, seen } = words;
  const writes = ["a", "b", "c"].map((word) => commits.write(() => (insert(word), seen().length)));
  expect(committed()).toEqual([]);
  expect(await Promise.race(writes)).toBe(1);
  expect(committed()).toEqual(["a", "b", "c"]);
  expect(await Promise.all(writes)).toEqual([1, 2, 3]);
});

test("a write that fails is rolled back alone", async () => {
  using words = open();
  const { commits, insert, committed } = words;
  const failing = (word: string) =>
    commits.write(() => {
      insert(word);
      throw new Error(`not ${word}`);
    });
  const results = await Promise.allSettled([
    failing("a"),
    commits.write(() => insert("b")),
    failing("c"),
    commits.write(() => insert("d")),
  ]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected", "fulfilled"]);
  expect(results).toMatchObject([{ reason: { message: "not a" } }, {}, { reason: { message: "not c" } }, {}]);
  expect(committed()).toEqual(["b", "d"]);
});

test("a commit that fails is the error of all that it loses, and the next writes are stored", async () => {
  using words = open();
  const { database, commits, insert, committed } = words;
  database.exec(
    `PRAGMA foreign_keys = ON; CREATE TABLE line (word TEXT REFERENCES word DEFERRABLE INITIALLY DEFERRED)`,
  );
  const results = await Promise.allSettled([
    commits.write(() => insert("a")),
    commits.write(() => database.exec("INSERT INTO line VALUES ('no such word')")),
    commits.read(() => words.seen()),
  ]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  await commits.write(() => insert("b"));
  expect(committed()).toEqual(["b"]);
});

test("an error that makes SQLite give up the transaction is the error of all writes in it", async () => {
  using words = open();
  const { database, commits, insert, committed } = words;
  const results = await Promise.allSettled([
    commits.write(() => insert("a")),
    commits.write(() => {
      insert("b");
      // As SQLite itself does where a disk is full.
      database.exec("INSERT OR ROLLBACK INTO word (word) VALUES ('a')");
    }),
    commits.write(() => insert("c")),
  ]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
  expect(committed()).toEqual(["c"]);
});

test("a read returns only what is committed by then", async () => {
  using words = open();
  const { commits, insert, committed } = words;
  const write = commits.write(() => insert("a"));
  const read = commits.read(() => words.seen()).then((seen) => ({ seen, stored: committed() }));
  expect(await read).toEqual({ seen: ["a"], stored: ["a"] });
  await write;
});

test("a write that is alone shares no transaction with those before it", async () => {
  using words = open();
  const { commits, insert, committed } = words;
  const before = commits.write(() => insert("a"));
  const alone = commits.writeAlone(() => (insert("b"), committed()));
  expect(await alone).toEqual(["a"]);
  await before;
  expect(committed()).toEqual(["a", "b"]);
});

test.runIf(process.platform === "linux")(
  "what a write changes beside others is copied into no temporary file",
  async () => {
    using words = open();
    const { database, commits, insert } = words;
    const fill = database.prepare("INSERT INTO word (word, of) VALUES (?, ?)");
    // Far more pages than SQLite copies in memory alone.
    await commits.write(() => {
      for (let row = 0; row < 100; row += 1) fill.run(`row ${row}`, "secret ".repeat(500));
    });
    const change = database.prepare("UPDATE word SET of = NULL");
    const beside = commits.write(() => insert("a"));
    const files = await commits.write(() => (change.run(), openFiles()));
    await beside;
    expect(files).toContainEqual(expect.stringMatching(/test\.sqlite-wal$/u));
    expect(files.filter((file) => file.includes("etilqs"))).toEqual([]);
  },
);

/** The files that this process has open. SQLite deletes its temporary ones as soon as they are open. */
function openFiles(): readonly string[] {
  return readdirSync("/proc/self/fd").flatMap((each) => {
    try {
      return [readlinkSync(`/proc/self/fd/${each}`)];
    } catch {
      // Closed since.
      return [];
    }
  });
}
