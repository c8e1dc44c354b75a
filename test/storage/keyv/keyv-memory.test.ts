import { DatabaseSync } from "node:sqlite";

import { Keyv } from "keyv";
import { describe, expect, test } from "vitest";

import { MemoryError } from "../../../src/ports/memory.ts";
import { randomIds } from "../../../src/runtime/ids.ts";
import { KeyvMemory } from "../../../src/storage/keyv/keyv-memory.ts";
import { KeyvSqlite } from "../../../src/storage/sqlite/keyv-sqlite.ts";
import { memoryContract } from "../../contracts/memory-contract.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { strayErrors, untilStraysAreAnnounced } from "../../support/stray-errors.ts";

async function open() {
  const database = new DatabaseSync(":memory:");
  const keyv = new Keyv({ store: new KeyvSqlite(database), useKeyPrefix: false, throwOnErrors: true });
  const log = new RecordingLog();
  return {
    database,
    keyv,
    log,
    memory: new KeyvMemory(keyv, randomIds, log),
    [Symbol.asyncDispose]: async () => void (database.isOpen && database.close()),
  };
}

/** A store that fails once, as one does whose connection breaks and is back at once. */
class HiccupSqlite extends KeyvSqlite {
  #isToFail = true;

  override get: KeyvSqlite["get"] = async (key) => {
    if (!this.#isToFail) return super.get(key);
    this.#isToFail = false;
    throw new Error("connection reset");
  };
}

describe("working memory on SQLite", () => {
  memoryContract(open);

  test("is never empty because the database is away", async () => {
    await using store = await open();
    store.database.close();
    await expect(store.memory.recall("fake:room:1", AbortSignal.timeout(5_000))).rejects.toThrow(MemoryError);
  });

  test("sets nothing aside because the store failed for a moment", async () => {
    using database = new DatabaseSync(":memory:");
    const keyv = new Keyv({ store: new HiccupSqlite(database), useKeyPrefix: false, throwOnErrors: true });
    const log = new RecordingLog();
    const memory = new KeyvMemory(keyv, randomIds, log);
    const signal = AbortSignal.timeout(5_000);
    const record = {
      version: 1,
      conversation: "fake:room:1",
      chapter: 1,
      messages: [],
      leftOut: 0,
      speakers: [],
    } as const;
    await memory.remember(record, signal);
    await expect(memory.recall("fake:room:1", signal)).rejects.toThrow(MemoryError);
    expect(await memory.recall("fake:room:1", signal)).toEqual({ recollection: record });
    expect(log.lines).toEqual([]);
  });

  test("leaves no stray rejection when the database and the asker are gone", async () => {
    const stray = strayErrors();
    await using store = await open();
    store.database.close();
    await expect(store.memory.recall("fake:room:1", AbortSignal.abort())).rejects.toThrow(/aborted/u);
    await untilStraysAreAnnounced();
    expect(stray).toEqual([]);
  });
});
