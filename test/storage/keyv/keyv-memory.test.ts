import { DatabaseSync } from "node:sqlite";

import { Keyv } from "keyv";
import { describe, expect, test } from "vitest";

import { MemoryError } from "../../../src/ports/memory.ts";
import { randomIds } from "../../../src/runtime/ids.ts";
import { KeyvMemory } from "../../../src/storage/keyv/keyv-memory.ts";
import { KeyvSqlite } from "../../../src/storage/sqlite/keyv-sqlite.ts";
import { memoryContract } from "../../contracts/memory-contract.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";

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

describe("working memory on SQLite", () => {
  memoryContract(open);

  test("is never empty because the database is away", async () => {
    await using store = await open();
    store.database.close();
    await expect(store.memory.recall("fake:room:1", AbortSignal.timeout(5_000))).rejects.toThrow(MemoryError);
  });
});
