import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { Keyv } from "keyv";
import { describe, expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import { InboxError } from "../../../src/ports/inbox.ts";
import { StoreError } from "../../../src/ports/store-error.ts";
import { KeyvMemory } from "../../../src/storage/keyv/keyv-memory.ts";
import { MemoryPages } from "../../../src/storage/keyv/memory-pages.ts";
import { KeyvSqlite } from "../../../src/storage/sqlite/stores/keyv-sqlite.ts";
import { migrations } from "../../../src/storage/sqlite/database/migrations.ts";
import { openDatabase } from "../../../src/storage/sqlite/database/open-database.ts";
import { SqliteDeadLetters } from "../../../src/storage/sqlite/stores/sqlite-dead-letters.ts";
import { SqliteDirectory } from "../../../src/storage/sqlite/stores/sqlite-directory.ts";
import { SqliteConfirmations } from "../../../src/storage/sqlite/stores/sqlite-confirmations.ts";
import { SqlitePreferences } from "../../../src/storage/sqlite/stores/sqlite-preferences.ts";
import { SqliteDelayedErasures } from "../../../src/storage/sqlite/stores/sqlite-delayed-erasures.ts";
import { SqliteErasureRequests } from "../../../src/storage/sqlite/stores/sqlite-erasure-requests.ts";
import { SqliteInbox } from "../../../src/storage/sqlite/stores/sqlite-inbox.ts";
import { SqliteJournal } from "../../../src/storage/sqlite/stores/sqlite-journal.ts";
import { sqliteMemoryWriter } from "../../../src/storage/sqlite/stores/sqlite-memory-writer.ts";
import { SqliteEviction } from "../../../src/storage/sqlite/stores/sqlite-eviction.ts";
import { SqliteArchivedMarks } from "../../../src/storage/sqlite/stores/sqlite-archived-marks.ts";
import { SqliteOutbox } from "../../../src/storage/sqlite/stores/sqlite-outbox.ts";
import { randomIds } from "../../../src/runtime/ids.ts";
import { inboxContract } from "../../contracts/inbox-contract.ts";
import { confirmationsContract } from "../../contracts/confirmations-contract.ts";
import { preferencesContract } from "../../contracts/preferences-contract.ts";
import { delayedErasuresContract } from "../../contracts/delayed-erasures-contract.ts";
import { erasureRequestsContract } from "../../contracts/erasure-requests-contract.ts";
import { journalContract } from "../../contracts/journal-contract.ts";
import { said } from "../../support/core/inbounds.ts";
import { memoryOf } from "../../support/core/memory-of.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { putEmptyDatabases } from "../../support/sqlite/empty-databases.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

async function open() {
  const opened = new DisposableStack();
  const folder = opened.use(temporaryFolder());
  await putEmptyDatabases(folder.path);
  const log = new RecordingLog();
  const { database } = opened.use(openDatabase(folder.path, log));
  const keyv = new Keyv({ store: new KeyvSqlite(database), useKeyPrefix: false, throwOnErrors: true });
  const pages = new MemoryPages();
  const memoryWriter = sqliteMemoryWriter(database, pages);
  return {
    folder,
    database,
    log,
    memories: new KeyvMemory(keyv, pages),
    breakMemory: async (conversation: string, bytes: Uint8Array) =>
      database
        .prepare("INSERT OR REPLACE INTO keyv (key, value) VALUES (?, ?)")
        .run(`memory:${conversation}`, bytes),
    remember: async () => {
      const tables = database
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .all()
        .map(({ name }) => String(name));
      for (const name of tables) database.exec(`CREATE TEMP TABLE was_${name} AS SELECT * FROM main.${name}`);
      return async () => {
        for (const name of tables) {
          database.exec(`DELETE FROM main.${name}; INSERT INTO main.${name} SELECT * FROM was_${name}`);
        }
      };
    },
    toFormat2: async (conversation: string) => {
      database.exec("UPDATE inbox SET name = NULL; UPDATE conversation SET lease = NULL");
      const row = database.prepare("SELECT turn FROM conversation WHERE key = ?").get(conversation);
      const turn = String(row?.["turn"]).replaceAll(/"(\d+)\.[\w-]+"/gu, "$1");
      database.prepare("UPDATE conversation SET turn = ? WHERE key = ?").run(turn, conversation);
    },
    loseMemory: (conversation: string) => keyv.delete(`memory:${conversation}`),
    foundAside: async (reference: string) => {
      const row = database.prepare("SELECT record FROM set_aside WHERE reference = ?").get(reference);
      const record = row?.["record"];
      if (typeof record === "string") return Buffer.from(record);
      return record instanceof Uint8Array ? Buffer.from(record) : undefined;
    },
    memoryRecords: async () => {
      const rows = database.prepare("SELECT key, value FROM keyv").all();
      return new Map(rows.map((row) => [String(row["key"]), String(row["value"])]));
    },
    another: async () => {
      const others = new MemoryPages();
      return {
        memories: new KeyvMemory(keyv, others),
        journal: new SqliteJournal(database, sqliteMemoryWriter(database, others), {
          ids: randomIds,
          log,
          inbounds,
        }),
        [Symbol.asyncDispose]: async () => undefined,
      };
    },
    erasureRequests: new SqliteErasureRequests(database),
    delayedErasures: new SqliteDelayedErasures(database),
    confirmations: new SqliteConfirmations(database),
    preferences: new SqlitePreferences(database),
    outbox: new SqliteOutbox(database),
    archivedMarks: new SqliteArchivedMarks(database),
    eviction: new SqliteEviction(database, memoryWriter),
    inbox: new SqliteInbox(database, { ids: randomIds, log, inbounds }),
    journal: new SqliteJournal(database, memoryWriter, { ids: randomIds, log, inbounds }),
    directory: new SqliteDirectory(database),
    deadLetters: new SqliteDeadLetters(database, inbounds),
    [Symbol.asyncDispose]: async () => opened.dispose(),
  };
}

describe("the inbox on SQLite", () => {
  inboxContract(open);

  test("quarantines an unreadable entry, reports it, and returns the others", async () => {
    await using stores = await open();
    for (const id of ["a", "b", "c"]) await stores.inbox.accept(said(id, `text ${id}`), 1);
    stores.database.exec(`UPDATE inbox SET inbound = '{"kind":"sai' WHERE seq = 1`);
    stores.database.exec(`UPDATE inbox SET inbound = '{"kind":"said","message":7}' WHERE seq = 2`);
    expect((await stores.inbox.waiting("fake:room:1")).map(({ seq }) => seq)).toEqual([3]);
    expect(stores.database.prepare("SELECT record FROM set_aside ORDER BY record").all()).toMatchObject([
      { record: '{"kind":"sai' },
      { record: '{"kind":"said","message":7}' },
    ]);
    expect(stores.log.lines.filter(({ level }) => level === "error")).toHaveLength(2);
  });
});

describe("a disk that is full", () => {
  test("refuses new messages with an error of the port, keeps stored ones, and accepts new ones once there is room", async () => {
    await using stores = await open();
    const { inbox, journal, database } = stores;
    await inbox.accept(said("a", "stored before"), 1);
    const { lease } = await journal.claim("fake:room:1", "w");
    const pages = Number(database.prepare("PRAGMA page_count").get()?.["page_count"]);
    database.exec(`PRAGMA max_page_count = ${pages}`);
    const long = said("b", "x".repeat(100_000));
    await expect(inbox.accept(long, 2)).rejects.toThrow(InboxError);
    const turn = {
      id: "t1",
      conversation: "fake:room:1",
      attempt: 1,
      covers: ["1"],
      replyTo: { platform: "fake", target: {} },
      posts: [],
      answer: "y".repeat(100_000),
    } as const;
    await expect(journal.save(lease, turn)).rejects.toThrow(StoreError);
    expect(await inbox.waiting("fake:room:1")).toHaveLength(1);
    database.exec("PRAGMA max_page_count = 100000");
    expect(await inbox.accept(long, 3)).toBe("stored");
    await journal.save(lease, turn);
    expect(await inbox.waiting("fake:room:1")).toHaveLength(2);
  });
});

describe("delayed erasures on SQLite", () => {
  delayedErasuresContract(open);
});

describe("the open questions of commands on SQLite", () => {
  confirmationsContract(open);
});

describe("people's preferences on SQLite", () => {
  preferencesContract(open);
});

describe("erasure requests on SQLite", () => {
  erasureRequestsContract(open);

  test("are not held for a day because the clock was set back by one", async () => {
    await using stores = await open();
    const receipt = { conversation: "fake:room:1", replyTo: { platform: "fake", target: {} } } as const;
    await stores.erasureRequests.begin({ id: "f1", platform: "fake", author: "ada", beforeMs: 1, receipt });
    stores.database.prepare("UPDATE forgetting SET held_until_ms = ?").run(Date.now() + 86_400_000);
    expect(await stores.erasureRequests.claimNext(1_000)).toMatchObject({ id: "f1" });
    expect(await stores.erasureRequests.claimNext(1_000)).toBeUndefined();
  });

  test("leave no address in the database once they are settled", async () => {
    await using stores = await open();
    const receipt = {
      conversation: "fake:room:1",
      replyTo: { platform: "fake", target: { token: "t" } },
    } as const;
    await stores.erasureRequests.begin({ id: "f1", platform: "fake", author: "ada", beforeMs: 1, receipt });
    await stores.erasureRequests.markReceiptSent("f1");
    expect(stores.database.prepare("SELECT receipt FROM forgetting").all()).toMatchObject([
      { receipt: null },
    ]);
  });
});

const { signal: never } = new AbortController();

describe("the journal on SQLite", () => {
  journalContract(open);

  test("reads in a claim what waits and what is remembered", async () => {
    await using stores = await open();
    const key = "fake:room:1";
    const begun = await stores.journal.claim(key, "w");
    expect(begun).toMatchObject({ waiting: [], memory: { bytes: null } });
    const memory = memoryOf(key);
    await stores.journal.finish(begun.lease, { covers: [], posts: [], memory }, never);
    await stores.inbox.accept(said("m1", "hello"), 1);
    const claim = await stores.journal.claim(key, "w");
    expect(claim.waiting).toMatchObject([{ inbound: { message: { id: "m1" } } }]);
    await using other = await stores.another();
    const again = await other.journal.claim(key, "w");
    await stores.loseMemory(key);
    // Held by the one process, and read by the other.
    expect(await stores.memories.read(key, never, claim.memory)).toEqual({ memory });
    expect(await other.memories.read(key, never, again.memory)).toEqual({ memory });
  });

  test("leaves no row of an erased conversation, even if it is claimed later", async () => {
    await using stores = await open();
    const { inbox, journal, database } = stores;
    await inbox.accept(said("a", "secret"), 1);
    const { lease } = await journal.claim("fake:room:1", "w");
    const posts = ["room/p1"];
    await journal.finish(lease, { covers: [], posts, memory: memoryOf("fake:room:1") }, never);
    const covers = (await inbox.waiting("fake:room:1")).map(({ id }) => id);
    await journal.finish(lease, { covers, posts: ["room/p2"], erase: true }, never);
    await journal.claim("fake:room:1", "w");
    await inbox.dropDedupeMarks(2);
    for (const table of [
      "conversation",
      "inbox",
      "seen",
      "located",
      "author",
      "dead_letter",
      "set_aside",
      "keyv",
    ]) {
      expect({ table, rows: database.prepare(`SELECT * FROM ${table}`).all() }).toEqual({ table, rows: [] });
    }
  });

  test("keeps the worker of a conversation in which an entry waits", async () => {
    await using stores = await open();
    const { lease } = await stores.journal.claim("fake:room:1", "w");
    await stores.inbox.accept(said("a", "one"), 1);
    await stores.inbox.dropDedupeMarks(2);
    await expect(stores.journal.assertCurrent(lease)).resolves.toBeUndefined();
  });

  test("drops an unreadable turn, and the conversation continues", async () => {
    await using stores = await open();
    await stores.journal.claim("fake:room:1", "w");
    stores.database.exec(`UPDATE conversation SET turn = '{"id":'`);
    expect((await stores.journal.claim("fake:room:1", "w")).turn).toBeUndefined();
    expect(stores.log.lines).toMatchObject([{ level: "error" }]);
  });
});

describe("the data folder", () => {
  const log = new RecordingLog();

  test("belongs to one process at a time", async () => {
    await using stores = await open();
    expect(() => openDatabase(stores.folder.path, log)).toThrow(/another Threadkeeper works in/u);
  });

  test("is refused, and left unchanged, if a newer version wrote it", () => {
    using folder = temporaryFolder();
    openDatabase(folder.path, log)[Symbol.dispose]();
    const database = new DatabaseSync(join(folder.path, "threadkeeper.sqlite"));
    database.exec("PRAGMA user_version = 99");
    database.close();
    expect(() => openDatabase(folder.path, log)).toThrow(
      /newer Threadkeeper wrote the data \(format 99, .*Start that version again, restore a backup/u,
    );
  });

  test("of an older version syncs from the beginning, lists the authors, and keeps quarantined records", async () => {
    using folder = temporaryFolder();
    const speakers = [{ id: "ada", label: "Ada" }];
    const old = { version: 1, conversation: "fake:room:1", chapter: 1, messages: [], leftOut: 0, speakers };
    {
      using database = new DatabaseSync(join(folder.path, "threadkeeper.sqlite"));
      for (const migration of migrations.slice(0, 3)) database.exec(migration);
      const store = new KeyvSqlite(database);
      database.exec(`PRAGMA user_version = 3;
        INSERT INTO conversation (key, platform, place, title, last_at_ms) VALUES ('fake:room:1', 'fake', 'room', 'old', 5);
        INSERT INTO conversation (key, platform, place, last_at_ms) VALUES ('fake:room:2', 'fake', 'room', 6)`);
      await store.set("memory:fake:room:1", JSON.stringify({ value: old }));
      await store.set("memory:fake:room:2", '{"value":{"speakers":["ada",7,{"id":7}]}}');
      await store.set("memory:fake:room:3", "broken");
      await store.set("set-aside:fake:room:1", '{"value":{"reference":"r1","record":"broken"}}');
    }
    using opened = openDatabase(folder.path, log);
    expect(await new SqliteOutbox(opened.database).pending(9)).toEqual([
      { conversation: "fake:room:1", syncedRevision: 0 },
      { conversation: "fake:room:2", syncedRevision: 0 },
    ]);
    expect(await new SqliteDirectory(opened.database).ofAuthor("fake", "ada", 9)).toEqual([
      { conversation: "fake:room:1", platform: "fake", place: "room", title: "old", lastAtMs: 5 },
    ]);
    expect(
      opened.database.prepare("SELECT reference, conversation, record FROM set_aside").all(),
    ).toMatchObject([
      { reference: "r1", conversation: "fake:room:1", record: expect.stringContaining("broken") },
    ]);
    expect(opened.database.prepare("SELECT key FROM keyv WHERE key GLOB 'set-aside*'").all()).toEqual([]);
  });

  test("of an older version keeps all that is known of a conversation", () => {
    const migrationsOfFormat3 = 7;
    using database = new DatabaseSync(":memory:");
    for (const migration of migrations.slice(0, migrationsOfFormat3)) database.exec(migration);
    const columns = database.prepare("PRAGMA table_info(conversation)").all();
    const row = Object.fromEntries(
      columns.map(({ name, type }, index) => [String(name), type === "TEXT" ? `text ${index}` : index]),
    );
    const names = Object.keys(row);
    database
      .prepare(`INSERT INTO conversation (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`)
      .run(...Object.values(row));
    for (const migration of migrations.slice(migrationsOfFormat3)) database.exec(migration);
    expect(names.length).toBeGreaterThan(15);
    expect(database.prepare("SELECT * FROM conversation").all()).toEqual([row]);
  });

  test("is refused if it can't be created", () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, "file"), "");
    expect(() => openDatabase(join(folder.path, "file", "data"), log)).toThrow(
      /DATA_DIR: the folder .* can't be made/u,
    );
  });
});

test("quotations are found by their conversation, however much is quarantined elsewhere", async () => {
  await using stores = await open();
  for (const table of ["dead_letter", "set_aside"]) {
    const plan = stores.database
      .prepare(`EXPLAIN QUERY PLAN SELECT reference FROM ${table} WHERE conversation = ?`)
      .all("fake:room:1");
    expect(plan).toMatchObject([{ detail: expect.stringContaining(`${table}_by_conversation`) }]);
  }
});
