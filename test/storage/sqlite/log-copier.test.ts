import { readFileSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";

import { describe, expect, test, vi } from "vitest";

import { CleanDatabase, type LogCopying } from "../../../src/storage/sqlite/cleaning/clean-database.ts";
import { LogCopierInThread } from "../../../src/storage/sqlite/cleaning/log-copier-in-thread.ts";
import { LogCopier, type CopyRequest } from "../../../src/storage/sqlite/cleaning/log-copier.ts";
import { noPart } from "../../../src/storage/sqlite/cleaning/logged-pages.ts";
import { PageCleaner } from "../../../src/storage/sqlite/cleaning/page-cleaner.ts";
import { StuckLog } from "../../../src/storage/sqlite/cleaning/stuck-log.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { dirtyPagesIn, fileIn, prepare, textsIn } from "../../support/sqlite/clean-files.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const signal = AbortSignal.timeout(600_000);
const pageSize = 4_096;
const logOf = (folder: string): string => `${fileIn(folder)}-wal`;
const sizeOf = (file: string): number => statSync(file).size;

/** A clean database with rows that come and go. */
function open(folder: string, copying?: LogCopying) {
  const log = new RecordingLog();
  const clean = new CleanDatabase({
    file: fileIn(folder),
    prepare,
    log,
    ...(copying === undefined ? {} : { copying }),
  });
  const put = clean.database.prepare("INSERT OR REPLACE INTO keyed (key, text) VALUES (?, ?)");
  const remove = clean.database.prepare("DELETE FROM keyed WHERE key = ?");
  const live = new Map<string, number>();
  let last = 10_000;
  /** One transaction. */
  const write = (): void => {
    clean.database.exec("BEGIN");
    for (let count = 0; count < 40; count += 1) {
      last += 1;
      const key = `${(last * 7_919) % 1_500}`;
      const isDeletion = last % 3 === 0;
      live.delete(key);
      if (isDeletion) remove.run(key);
      else {
        live.set(key, last);
        put.run(key, `{${last}}`.repeat(last % 17 === 0 ? 900 : 1 + (last % 90)));
      }
    }
    clean.database.exec("COMMIT");
  };
  return { clean, log, write, live };
}

/** Writes until `isEnough`, and lets the event loop turn. */
async function writeUntil(write: () => void, isEnough: () => boolean): Promise<void> {
  for (let count = 0; count < 2_200 && !isEnough(); count += 1) {
    write();
    await setImmediate();
  }
  expect(isEnough()).toBe(true);
}

describe("a log that another thread copies", () => {
  test("loses nothing and keeps no deleted byte, while it is written without a pause", async () => {
    using folder = temporaryFolder();
    const log = new RecordingLog();
    const copier = new LogCopierInThread(fileIn(folder.path), log);
    let copies = 0;
    const copy = async (request: CopyRequest) => {
      const copied = await copier.copy(request);
      copies += 1;
      return copied;
    };
    const opened = open(folder.path, { copy, minBytes: 1 });
    const { clean, live } = opened;
    let scrubbing: Promise<void> | undefined;
    // As many copies as can be, beside the writes.
    await writeUntil(opened.write, () => {
      scrubbing ??= clean.scrub(signal).finally(() => {
        scrubbing = undefined;
      });
      return copies >= 30;
    });
    await scrubbing;
    await clean.scrub(signal);
    expect(clean.database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    const rows = clean.database.prepare("SELECT key, text FROM keyed").all();
    expect(rows.length).toBe(live.size);
    for (const { key, text } of rows)
      expect(String(text).startsWith(`{${live.get(String(key))}}`)).toBe(true);
    expect(clean.database.prepare("SELECT next_page FROM cleanup").get()).toEqual({ next_page: null });
    await clean.stop();
    await copier[Symbol.asyncDispose]();
    clean[Symbol.dispose]();
    expect(textsIn(folder.path)).toEqual(new Set(live.values()));
    expect(dirtyPagesIn(folder.path)).toEqual([]);
    expect([...log.lines, ...opened.log.lines]).toEqual([]);
  });

  test("is emptied again and again, whether the thread works or not", async () => {
    for (const isWorking of [true, false]) {
      using folder = temporaryFolder();
      const copier = new LogCopier(fileIn(prepared(folder.path)));
      const copy = async (request: CopyRequest) => {
        if (!isWorking) throw new Error("the thread has ended");
        return copier.copy(request);
      };
      const { clean, write, log } = open(folder.path, { copy });
      let emptied = 0;
      let before = 0;
      await writeUntil(write, () => {
        const size = sizeOf(logOf(folder.path));
        if (size < before) emptied += 1;
        before = size;
        return emptied === 2;
      });
      await clean.stop();
      copier[Symbol.dispose]();
      clean[Symbol.dispose]();
      expect(log.lines).toEqual([]);
    }
  });

  test("waits with its end for the thread, and refuses to be closed before", async () => {
    using folder = temporaryFolder();
    const copied = Promise.withResolvers<never>();
    const begun = Promise.withResolvers<void>();
    const copy = () => {
      begun.resolve();
      return copied.promise;
    };
    const { clean, write } = open(folder.path, { copy, minBytes: 1 });
    write();
    const scrubbing = Promise.allSettled([clean.scrub(signal)]);
    await begun.promise;
    expect(() => clean[Symbol.dispose]()).toThrow("another thread copies its log");
    let hasStopped = false;
    const stopping = clean.stop().finally(() => {
      hasStopped = true;
    });
    await setImmediate();
    expect(hasStopped).toBe(false);
    copied.reject(new Error("the thread has ended"));
    await stopping;
    expect(await scrubbing).toMatchObject([{ status: "rejected", reason: { name: "AbortError" } }]);
    clean[Symbol.dispose]();
    expect(dirtyPagesIn(folder.path)).toEqual([]);
  });
});

/** The folder, with the database in it. */
function prepared(folder: string): string {
  using database = new DatabaseSync(fileIn(folder));
  prepare(database);
  return folder;
}

describe("LogCopier", () => {
  test("copies the whole log, and the file alone then has what was written", () => {
    using folder = temporaryFolder();
    using opened = openCopier(folder.path);
    const { copy, write } = opened;
    write();
    const { copied, isHeld } = copy();
    expect(isHeld).toBe(false);
    expect(copied.frames).toBe(opened.frames());
    expect(dirtyPagesIn(folder.path)).toEqual([]);
    write();
    const more = copy(copied);
    expect(more.copied.salts).not.toBe(copied.salts);
    expect(more.copied.frames).toBeGreaterThan(0);
    expect(dirtyPagesIn(folder.path)).toEqual([]);
  });

  test("says that a reader holds the log, and what it could copy all the same", () => {
    using folder = temporaryFolder();
    using opened = openCopier(folder.path);
    const { copy, write } = opened;
    write();
    const before = opened.frames();
    using reader = new DatabaseSync(fileIn(folder.path));
    reader.exec("BEGIN; SELECT COUNT(*) FROM keyed");
    write();
    const first = copy();
    expect(first).toMatchObject({ copied: { frames: before }, isHeld: false });
    expect(copy(first.copied)).toEqual({ ...first, isHeld: true });
    reader.exec("COMMIT");
    expect(copy(first.copied)).toMatchObject({ copied: { frames: opened.frames() }, isHeld: false });
  });

  test("keeps the log from starting over while it copies", () => {
    using folder = temporaryFolder();
    using opened = openCopier(folder.path);
    opened.write();
    const { salts } = opened.copy().copied;
    // A log that was copied as a whole starts over with the next write.
    opened.write();
    expect(opened.salts()).not.toBe(salts);
    const other = opened.salts();
    const { copied } = opened.copyWhile(() => opened.write());
    expect(opened.salts()).toBe(other);
    expect(copied.salts).toBe(other);
  });
});

function openCopier(folder: string) {
  const resources = new DisposableStack();
  const file = fileIn(folder);
  const { clean, write } = open(folder);
  resources.use(clean);
  const cleaner = resources.use(new PageCleaner(file, pageSize));
  const copier = resources.use(new LogCopier(file));
  const { descriptor } = cleaner;
  return {
    write,
    copy: (copied = noPart) => copier.copy({ descriptor, pageSize, copied }),
    /** `work` runs when the log is in the file, and before the copy ends. */
    copyWhile: (work: () => void) => {
      const syncs = vi.spyOn(PageCleaner.prototype, "syncAll").mockImplementationOnce(work);
      using _ = { [Symbol.dispose]: () => syncs.mockRestore() };
      return copier.copy({ descriptor, pageSize, copied: noPart });
    },
    salts: () => readFileSync(logOf(folder)).toString("latin1", 16, 24),
    frames: () => (sizeOf(logOf(folder)) - 32) / (pageSize + 24),
    [Symbol.dispose]: () => resources.dispose(),
  };
}

test("the operator is told once of a log that can't be emptied for ten minutes, and when it can be", () => {
  const log = new RecordingLog();
  let nowMs = 0;
  const stuck = new StuckLog({ file: "/data/test.sqlite", log, nowMs: () => nowMs });
  const noteFor = (minutes: number, isStuck: boolean): void => {
    for (const endMs = nowMs + minutes * 60_000; nowMs < endMs; nowMs += 1_000)
      stuck.note(isStuck, () => 12_345);
  };
  noteFor(9, true);
  noteFor(1, false);
  noteFor(9, true);
  expect(log.lines).toEqual([]);
  noteFor(5, true);
  expect(log.lines).toMatchObject([{ level: "warn", facts: { database: "test.sqlite", bytes: 12_345 } }]);
  noteFor(1, false);
  expect(log.lines.map(({ level }) => level)).toEqual(["warn", "info"]);
});
