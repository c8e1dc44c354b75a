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

test("writes that come one after another are committed at once until several come together", async () => {
  using words = open();
  const { commits, insert, committed } = words;
  for (let row = 0; row < 30; row += 1) await commits.write(() => insert(`row ${row}`));
  const alone = commits.write(() => insert("alone"));
  expect(committed()).toContain("alone");
  await alone;
  const failing = commits.write(() => {
    insert("never");
    throw new Error("refused");
  });
  await expect(failing).rejects.toThrow("refused");
  expect(words.database.isTransaction).toBe(false);
  const isShared = async (round: number): Promise<boolean> => {
    const writes = ["a", "b"].map((each) => commits.write(() => insert(`${each}${round}`)));
    const wasOpen = !committed().includes(`a${round}`);
    await Promise.all(writes);
    return wasOpen;
  };
  let last = false;
  for (let round = 0; round < 200 && !last; round += 1) last = await isShared(round);
  const after = [await isShared(1_000), await isShared(1_001), await isShared(1_002)];
  expect({ last, after }).toEqual({ last: true, after: [true, true, true] });
  expect(committed()).not.toContain("never");
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

test("an error that makes SQLite roll back the transaction is that of its write or read alone", async () => {
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
    commits.read(() => database.exec("INSERT OR ROLLBACK INTO word (word) VALUES ('c')")),
    commits.write(() => insert("d")),
  ]);
  expect(results.map(({ status }) => status)).toEqual([
    "fulfilled",
    "rejected",
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  expect(committed()).toEqual(["a", "c", "d"]);
});

test("a write that is done again returns what it did the last time, and a read what it saw then", async () => {
  using words = open();
  const { commits, insert, seen } = words;
  let names = ["first", "second"];
  const write = commits.write(() => {
    const [name = "none", ...rest] = names;
    names = rest;
    insert(name);
    return seen();
  });
  const read = commits.read(() => seen());
  await expect(
    commits.write(() => {
      throw new Error("refused");
    }),
  ).rejects.toThrow("refused");
  expect(await write).toEqual(["second"]);
  expect(await read).toEqual(["second"]);
});

test("writes that can't be done again are all refused, and the next ones are stored", async () => {
  using words = open();
  const { commits, insert, committed } = words;
  let times = 0;
  const results = await Promise.allSettled([
    commits.write(() => insert("a")),
    commits.write(() => {
      insert("b");
      times += 1;
      if (times > 1) throw new Error("not again");
    }),
    commits.write(() => {
      throw new Error("refused");
    }),
    commits.read(() => words.seen()),
  ]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected", "fulfilled"]);
  expect(results).toMatchObject([{ reason: { message: "not again" } }, {}, {}, { value: [] }]);
  await commits.write(() => insert("c"));
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

test("a read is refused only for what is committed by then, and else learns that the commit failed", async () => {
  using words = open();
  const { database, commits, insert, committed } = words;
  const assertNone = (): void => {
    if (words.seen().length > 0) throw new Error("stale");
  };
  const readWhile = (write: () => unknown) => {
    const written = commits.write(write);
    const read = commits.read(assertNone).catch((error: unknown) => ({ error, stored: committed() }));
    return Promise.allSettled([written, read]);
  };
  database.exec(
    "PRAGMA foreign_keys = ON; CREATE TABLE line (word TEXT REFERENCES word DEFERRABLE INITIALLY DEFERRED)",
  );
  const [lost, unseen] = await readWhile(() => {
    insert("never");
    database.exec("INSERT INTO line VALUES ('no such word')");
  });
  expect(lost).toMatchObject({ reason: { message: "FOREIGN KEY constraint failed" } });
  expect(unseen).toMatchObject({ value: { error: { message: "FOREIGN KEY constraint failed" } } });
  const [, refused] = await readWhile(() => insert("a"));
  expect(refused).toMatchObject({ value: { error: { message: "stale" }, stored: ["a"] } });
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
