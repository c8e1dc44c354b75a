import { DatabaseSync } from "node:sqlite";

import { Keyv } from "keyv";
import { describe, expect, test } from "vitest";

import type { TurnRecord } from "../../../src/domain/turn-record.ts";
import { MemoryError } from "../../../src/ports/memory.ts";
import { KeyvMemory } from "../../../src/storage/keyv/keyv-memory.ts";
import { KeyvSqlite } from "../../../src/storage/sqlite/stores/keyv-sqlite.ts";
import { HeldMemories } from "../../../src/storage/keyv/held-memories.ts";
import { MemoryPages } from "../../../src/storage/keyv/memory-pages.ts";
import { longRecordOf, memoryContract, storeWrite } from "../../contracts/memory-contract.ts";
import { memoryOf } from "../../support/core/memory-of.ts";
import { strayErrors, untilStraysAreAnnounced } from "../../support/stray-errors.ts";

async function open() {
  const database = new DatabaseSync(":memory:");
  const keyv = new Keyv({ store: new KeyvSqlite(database), useKeyPrefix: false, throwOnErrors: true });
  return {
    database,
    keyv,
    memories: new KeyvMemory(keyv),
    [Symbol.asyncDispose]: async () => void (database.isOpen && database.close()),
  };
}

const conversation = "fake:room:1";
const record = memoryOf(conversation);

/** A memory whose store behaves differently on the first call. */
function memoryOver(database: DatabaseSync, first: () => string | undefined) {
  let asked = 0;
  const store = new (class extends KeyvSqlite {
    override get: KeyvSqlite["get"] = async (key) => {
      asked += 1;
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Keyv types bytes by what they stand for
      return asked === 1 ? (first() as never) : super.get(key);
    };
  })(database);
  const keyv = new Keyv({ store, useKeyPrefix: false, throwOnErrors: true });
  return { keyv, memories: new KeyvMemory(keyv) };
}

function fails(): never {
  throw new Error("connection reset");
}

describe("working memory on SQLite", () => {
  memoryContract(open);

  test("never looks empty because the database is unreachable", async () => {
    await using store = await open();
    store.database.close();
    await expect(store.memories.read("fake:room:1", AbortSignal.timeout(600_000))).rejects.toThrow(
      MemoryError,
    );
  });

  test.each([
    ["failed for a moment", fails],
    ["had nothing yet when it was asked, and has it when asked again", () => undefined],
    ["returned half a record, and the full one at the second read", () => '{"value":{"ver'],
  ])("is read when the store %s", async (_name, first) => {
    using database = new DatabaseSync(":memory:");
    const { keyv, memories } = memoryOver(database, first);
    await keyv.set("memory:fake:room:1", record);
    const signal = AbortSignal.timeout(600_000);
    expect(await memories.read(conversation, signal)).toEqual({ memory: record });
    expect(await memories.read(conversation, signal)).toEqual({ memory: record });
  });

  test("never looks empty because the store failed for a moment", async () => {
    using database = new DatabaseSync(":memory:");
    const { memories } = memoryOver(database, fails);
    const signal = AbortSignal.timeout(600_000);
    await expect(memories.read(conversation, signal)).rejects.toThrow(MemoryError);
    expect(await memories.read(conversation, signal)).toEqual({});
  });

  test("reads the newer memory if a turn finishes between the reads of head and pages", async () => {
    await using opened = await open();
    const signal = AbortSignal.timeout(600_000);
    const pages = new MemoryPages();
    const before = pages.plan(longRecordOf("before"));
    await storeWrite(opened, before);
    pages.written(before);
    const after = longRecordOf("after");
    const write = pages.plan(after);
    const { getMany } = opened.keyv.store;
    let reads = 0;
    opened.keyv.store.getMany = async (keys: string[]): Promise<unknown> => {
      reads += 1;
      if (reads === 1) await storeWrite(opened, write);
      return getMany.call(opened.keyv.store, keys);
    };
    expect(await opened.memories.read(conversation, signal)).toEqual({ memory: after });
    expect(reads).toBe(2);
    // From now on it holds the pages.
    expect(await opened.memories.read(conversation, signal)).toEqual({ memory: after });
    expect(reads).toBe(2);
  });

  test("holds no memory whose texts another process erased during the read", async () => {
    await using opened = await open();
    const signal = AbortSignal.timeout(600_000);
    await storeWrite(opened, new MemoryPages().plan(longRecordOf("swordfish")));
    const held = new HeldMemories();
    const memories = new KeyvMemory(opened.keyv, new MemoryPages(held));
    const { getMany } = opened.keyv.store;
    let reads = 0;
    opened.keyv.store.getMany = async (keys: string[]): Promise<unknown> => {
      const found: unknown = await getMany.call(opened.keyv.store, keys);
      reads += 1;
      if (reads === 1) held.forgetOlder(conversation, "newer");
      return found;
    };
    expect((await memories.read(conversation, signal)).memory?.messages).not.toEqual([]);
    expect(held.get(conversation)).toBeUndefined();
    await memories.read(conversation, signal);
    expect(held.get(conversation)).toBeDefined();
  });

  test("returns the cached memory while the stored head is unchanged, and reads a changed one", async () => {
    await using opened = await open();
    const signal = AbortSignal.timeout(600_000);
    const write = new MemoryPages().plan(longRecordOf("first"));
    await storeWrite(opened, write);
    const { memory } = await opened.memories.read(conversation, signal);
    expect((await opened.memories.read(conversation, signal)).memory).toBe(memory);
    await opened.keyv.store.set(
      "memory:fake:room:1",
      write.head.replace('"titledBy":"m0"', '"titledBy":"m1"'),
    );
    expect(await opened.memories.read(conversation, signal)).toEqual({
      memory: { ...memory, titledBy: "m1" },
    });
    await opened.keyv.store.set("memory:fake:room:1", "{{{");
    expect(await opened.memories.read(conversation, signal)).toEqual({ isUnreadable: true });
  });

  test("leaves no unhandled rejection after the database and the caller are closed", async () => {
    const stray = strayErrors();
    await using store = await open();
    store.database.close();
    await expect(store.memories.read("fake:room:1", AbortSignal.abort())).rejects.toThrow(/aborted/u);
    await untilStraysAreAnnounced();
    expect(stray).toEqual([]);
  });
});

test.each([
  ["long summaries", { summary: { lines: [lineOf(2 ** 20)], upTo: 1, dropped: 0, madeAtMs: 1 } }],
  ["the newest messages", { messages: [messageOf(2 ** 20)], nextOrdinal: 2 }],
  ["turn records of many messages and steps", { records: Array.from({ length: 200 }, longTurnRecord) }],
])("a process drops the memories that it used longest ago, and counts %s", (_name, parts) => {
  const pages = new MemoryPages();
  const writes = Array.from({ length: 40 }, (_, index) => {
    const write = pages.plan(memoryOf(`fake:room:${index}`, parts));
    pages.written(write);
    return write;
  });
  const held = writes.map((write) => pages.known(write.conversation, write.head)?.conversation);
  expect(held.at(-1)).toBe("fake:room:39");
  expect(held[0]).toBe(undefined);
});

test("a process drops the memories that it has not used for ten minutes", () => {
  let nowMs = 0;
  const held = new HeldMemories(() => nowMs);
  const nothing = { memory: record, head: "", pages: [], recordPages: [], parts: new Map(), chars: 9 };
  held.hold("fake:room:1", { ...nothing, stamp: "a" });
  held.hold("fake:room:2", { ...nothing, stamp: "b" });
  nowMs = 300_000;
  held.hold("fake:room:1", { ...nothing, stamp: "a" });
  nowMs = 700_000;
  held.dropUnused();
  expect(held.get("fake:room:1")?.stamp).toBe("a");
  expect(held.get("fake:room:2")).toBeUndefined();
});

test("a process keeps the memories that it read last", () => {
  const pages = new MemoryPages();
  const write = (index: number) => {
    const written = pages.plan(
      memoryOf(`fake:room:${index}`, { messages: [messageOf(2 ** 20)], nextOrdinal: 2 }),
    );
    pages.written(written);
    return written;
  };
  const first = write(0);
  for (let index = 1; index < 40; index += 1) {
    write(index);
    expect(pages.known(first.conversation, first.head)).toBe(first.held.memory);
  }
});

function lineOf(chars: number) {
  return { text: "x".repeat(chars), cites: [], tokens: 1 };
}

function longTurnRecord(_: unknown, index: number): TurnRecord {
  const step = { tool: "search", outcome: "done", durationMs: 1, resultChars: 1 } as const;
  return {
    id: `turn ${index}`,
    conversation,
    platform: "fake",
    place: "room",
    purpose: "answer",
    outcome: "answered",
    steps: Array.from({ length: 24 }, () => step),
    covers: Array.from({ length: 100 }, (_message, at) => `m${at}`),
    ordinal: index,
    revision: index,
    settingsVersion: "1",
    attempt: 0,
    finishedAtMs: index,
  };
}

function messageOf(chars: number) {
  const [message] = longRecordOf("x".repeat(chars)).messages;
  if (message === undefined) throw new TypeError("A message");
  return message;
}
