import { renameSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { InboxError } from "../../../src/ports/inbox.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { openSqliteStores } from "../../../src/storage/sqlite/open-sqlite-stores.ts";
import { WatchedDatabase } from "../../../src/storage/sqlite/connection/watched-database.ts";
import { said } from "../../support/core/inbounds.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const patiently = { timeout: 60_000, interval: 50 };
const signal = AbortSignal.timeout(600_000);

test("a database file that was removed is unready, accepts no writes, and recovers when it is back", async () => {
  using folder = temporaryFolder();
  const log = new RecordingLog();
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  await using stores = await openSqliteStores(folder.path, { ids, inbounds, log, listeners });
  expect(await stores.inbox.accept(said("1", "one"), 1, signal)).toBe("stored");
  const [file, away] = ["threadkeeper.sqlite", "away"].map((name) => join(folder.path, name));
  renameSync(file ?? "", away ?? "");
  await expect.poll(() => stores.health().why, patiently).toContain("was removed or replaced");
  // SQLite would still write to the removed file, which no start would find.
  await expect(stores.inbox.accept(said("2", "two"), 2, signal)).rejects.toThrow(InboxError);
  renameSync(away ?? "", file ?? "");
  await expect.poll(() => stores.health(), patiently).toEqual({ ok: true, why: "" });
  expect(await stores.inbox.accept(said("2", "two"), 2, signal)).toBe("stored");
  expect(log.lines.map(({ message }) => message)).toEqual([
    "a database takes no writes; see why, and follow its advice",
    "a database takes writes again",
  ]);
});

describe("a watched database", () => {
  test.each(["run", "get", "all"] as const)("reports an error that comes with the commit: %s", (how) => {
    const heard: unknown[] = [];
    using database = new WatchedDatabase(":memory:", (error) => heard.push(error));
    database.exec(`CREATE TABLE letter (id INTEGER PRIMARY KEY);
      CREATE TABLE page (letter INTEGER REFERENCES letter DEFERRABLE INITIALLY DEFERRED);
      INSERT INTO letter VALUES (1); INSERT INTO page VALUES (1)`);
    const drop = database.prepare("DELETE FROM letter WHERE id = ? RETURNING id");
    expect(() => drop[how](1)).toThrow("FOREIGN KEY constraint failed");
    expect(heard).toHaveLength(1);
    expect(database.prepare("SELECT id FROM letter").all()).toHaveLength(1);
  });
});
