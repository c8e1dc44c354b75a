import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { describe, expect, test } from "vitest";

import { DataFolderError, openDatabase } from "../../../src/storage/sqlite/open-database.ts";
import { SqliteDirectory } from "../../../src/storage/sqlite/sqlite-directory.ts";
import { SqliteInbox } from "../../../src/storage/sqlite/sqlite-inbox.ts";
import { SqliteJournal } from "../../../src/storage/sqlite/sqlite-journal.ts";
import { randomIds } from "../../../src/runtime/ids.ts";
import { inboxContract } from "../../contracts/inbox-contract.ts";
import { journalContract } from "../../contracts/journal-contract.ts";
import { FakeMemory } from "../../support/core/fake-memory.ts";
import { said } from "../../support/core/inbounds.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

async function open() {
  const opened = new DisposableStack();
  const folder = opened.use(temporaryFolder());
  const { database } = opened.use(openDatabase(folder.path));
  const log = new RecordingLog();
  const memory = new FakeMemory();
  return {
    folder,
    database,
    log,
    memory,
    inbox: new SqliteInbox(database, randomIds, log),
    journal: new SqliteJournal(database, memory, log),
    directory: new SqliteDirectory(database),
    [Symbol.asyncDispose]: async () => opened.dispose(),
  };
}

describe("the inbox on SQLite", () => {
  inboxContract(open);

  test("sets an unreadable entry aside, reports it, and gives the others", async () => {
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

describe("the journal on SQLite", () => {
  journalContract(open);

  test("drops an unreadable line and lets the conversation go on", async () => {
    await using stores = await open();
    await stores.journal.take("fake:room:1");
    stores.database.exec(`UPDATE conversation SET turn = '{"id":'`);
    expect((await stores.journal.take("fake:room:1")).turn).toBeUndefined();
    expect(stores.log.lines).toMatchObject([{ level: "error" }]);
  });
});

describe("the data folder", () => {
  test("belongs to one process at a time", async () => {
    await using stores = await open();
    expect(() => openDatabase(stores.folder.path)).toThrow(/another Threadkeeper works in/u);
  });

  test("is refused, and left alone, when a newer version wrote it", () => {
    using folder = temporaryFolder();
    openDatabase(folder.path)[Symbol.dispose]();
    const database = new DatabaseSync(join(folder.path, "threadkeeper.sqlite"));
    database.exec("PRAGMA user_version = 99");
    database.close();
    expect(() => openDatabase(folder.path)).toThrow(/written by a newer Threadkeeper \(format 99/u);
  });

  test("is refused with a way out when its database is broken", () => {
    using folder = temporaryFolder();
    writeFileSync(
      join(folder.path, "threadkeeper.sqlite"),
      "this is no database, whatever its name says. ".repeat(50),
    );
    expect(() => openDatabase(folder.path)).toThrow(DataFolderError);
    expect(() => openDatabase(folder.path)).toThrow(/Move it away to start with an empty memory/u);
  });

  test("is refused when it can't be made", () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, "file"), "");
    expect(() => openDatabase(join(folder.path, "file", "data"))).toThrow(
      /DATA_DIR: the folder .* can't be made/u,
    );
  });
});
