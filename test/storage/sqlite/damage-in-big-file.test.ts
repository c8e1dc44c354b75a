import { existsSync, readdirSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { openSqliteArchive } from "../../../src/storage/sqlite/sqlite-archive.ts";
import { said } from "../../support/core/inbounds.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import {
  bigFolder,
  damagePage,
  keyOf,
  memories,
  openIn,
  pageBytes,
  memoryRecordOf,
} from "../../support/sqlite/big-folder.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const signal = AbortSignal.timeout(600_000);
const patiently = { timeout: 60_000, interval: 20 };
describe("a big database with a damaged page", () => {
  test("is opened, serves undamaged data, is checked in the background, and is recovered at the next start", async () => {
    using folder = await bigFolder();
    const file = join(folder.path, "threadkeeper.sqlite");
    damagePage(file);
    const log = new RecordingLog();
    {
      const damaged = Promise.withResolvers<void>();
      await using stores = await openIn(folder.path, log, damaged.resolve);
      // Nothing was recovered, so nothing was looked through.
      expect(log.lines).toEqual([]);
      expect(await stores.memories.read(keyOf(0), signal)).toEqual({ memory: memoryRecordOf(0) });
      expect(await stores.inbox.waiting(keyOf(0), signal)).toHaveLength(1);
      await damaged.promise;
      expect(log.lines).toMatchObject([{ level: "error", facts: { database: "threadkeeper.sqlite" } }]);
      expect(existsSync(`${file}.damaged`)).toBe(true);
    }
    await using stores = await openIn(folder.path, log);
    expect(log.lines).toMatchObject([
      { level: "error" },
      { level: "error", message: expect.stringMatching(/^a damaged database was set aside/u) },
    ]);
    expect(existsSync(`${file}.damaged`)).toBe(false);
    let kept = 0;
    for (let index = 0; index < memories; index += 1) {
      const { memory } = await stores.memories.read(keyOf(index), signal);
      if (memory === undefined) continue;
      expect(memory).toEqual(memoryRecordOf(index));
      kept += 1;
    }
    // A page costs what lies on it, and below it.
    expect(kept).toBeGreaterThan(memories * 0.9);
    expect(kept).toBeLessThan(memories);
  });

  test("is recovered before it is opened if its end is missing", async () => {
    using folder = await bigFolder();
    const file = join(folder.path, "threadkeeper.sqlite");
    truncateSync(file, Math.floor((statSync(file).size * 0.9) / pageBytes) * pageBytes);
    const log = new RecordingLog();
    await using stores = await openIn(folder.path, log);
    expect(log.lines).toMatchObject([{ level: "error", facts: { why: "it was cut short" } }]);
    expect(await stores.inbox.waiting(keyOf(0), signal)).toHaveLength(1);
    expect(readdirSync(folder.path).some((name) => name.includes(".broken-"))).toBe(true);
  });

  test("that is undamaged is opened without a log line", async () => {
    using folder = await bigFolder();
    const log = new RecordingLog();
    await using stores = await openIn(folder.path, log);
    expect(await stores.memories.read(keyOf(7), signal)).toEqual({ memory: memoryRecordOf(7) });
    expect(log.lines).toEqual([]);
  });
});

test("a big archive with a damaged page is opened, checked in the background, and recovered at the next start", async () => {
  using folder = temporaryFolder();
  const location = { conversation: keyOf(1), platform: "fake", place: "room", erasures: [] } as const;
  const text = "x".repeat(20_000);
  const messages = Array.from({ length: 500 }, (_, index) => ({
    ...said(`m${index}`, `${index} ${text}`).message,
    role: "person" as const,
    speaker: "Ada",
    tokens: 1,
    chapter: 1,
    answers: [],
    ordinal: index + 1,
    revision: 1,
  }));
  {
    await using archive = await openSqliteArchive(folder.path, { log: new RecordingLog() });
    await archive.sync({ ...location, messages }, signal);
  }
  damagePage(join(folder.path, "ledger.sqlite"));
  const log = new RecordingLog();
  {
    const damaged = Promise.withResolvers<void>();
    await using archive = await openSqliteArchive(folder.path, { log, onDamaged: damaged.resolve });
    expect(await archive.find(keyOf(1), "m0", signal)).toMatchObject({ id: "m0" });
    await damaged.promise;
  }
  await using archive = await openSqliteArchive(folder.path, { log });
  await expect.poll(() => log.lines.length, patiently).toBe(2);
  const kept = await archive.read({ conversation: keyOf(1), limit: 1_000 }, signal);
  expect(kept.length).toBeGreaterThan(450);
  expect(kept.length).toBeLessThan(500);
});
