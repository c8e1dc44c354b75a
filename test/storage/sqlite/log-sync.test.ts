import { appendFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expect, test } from "vitest";

import { LogSync } from "../../../src/storage/sqlite/cleaning/log-sync.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

/** A log, a clock, and what is synced. */
function open() {
  const folder = temporaryFolder();
  const file = join(folder.path, "test-wal");
  const state = { nowMs: 1_000_000, syncs: 0, sync: (): Promise<void> => Promise.resolve() };
  const sync = async (synced: string): Promise<void> => {
    expect(synced).toBe(file);
    state.syncs += 1;
    await state.sync();
  };
  const logSync = new LogSync(file, { nowMs: () => state.nowMs, sync });
  return {
    file,
    state,
    logSync,
    /** Writes at the present time of the clock. */
    write: (): void => {
      appendFileSync(file, "frame");
      utimesSync(file, state.nowMs / 1_000, state.nowMs / 1_000);
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

test("a log is synced once a second while it is written, and not while it rests", async () => {
  using log = open();
  const { state, logSync } = log;
  const syncsIn = async (seconds: number, isWritten: boolean): Promise<number> => {
    const before = state.syncs;
    for (let step = 0; step < seconds * 10; step += 1) {
      if (isWritten) log.write();
      await logSync.step();
      state.nowMs += 100;
    }
    return state.syncs - before;
  };
  expect(await syncsIn(5, true)).toBe(5);
  // The last writes came after the last sync.
  expect(await syncsIn(5, false)).toBe(1);
  expect(await syncsIn(5, false)).toBe(0);
  expect(await syncsIn(1, true)).toBe(1);
});

test("what is written while a log is synced is synced by the next", async () => {
  using log = open();
  const { state, logSync } = log;
  log.write();
  state.sync = async () => {
    log.write();
    // Not two at once.
    await logSync.step();
  };
  await logSync.step();
  expect(state.syncs).toBe(1);
  state.sync = () => Promise.resolve();
  state.nowMs += 1_000;
  await logSync.step();
  expect(state.syncs).toBe(2);
});

test("a sync that fails is the error of its step, and is tried again by the next", async () => {
  using log = open();
  const { state, logSync } = log;
  log.write();
  state.sync = () => Promise.reject(new Error("EIO"));
  await expect(logSync.step()).rejects.toThrow("EIO");
  await expect(logSync.step()).rejects.toThrow("EIO");
});

test("a clock that was set back does not stop the syncs", async () => {
  using log = open();
  const { state, logSync } = log;
  log.write();
  await logSync.step();
  state.nowMs -= 500_000;
  for (const syncs of [2, 3]) {
    log.write();
    await logSync.step();
    expect(state.syncs).toBe(syncs);
    state.nowMs += 1_000;
  }
});

test("a log that is missing or empty is not synced, and the file of a log is", async () => {
  using log = open();
  await log.logSync.step();
  writeFileSync(log.file, "");
  await log.logSync.step();
  expect(log.state.syncs).toBe(0);
  writeFileSync(log.file, "frames");
  await new LogSync(log.file).step();
});
