import { expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import type { ConversationMemory, RememberedMessage } from "../../src/domain/conversation-memory.ts";
import type { TurnRecord } from "../../src/domain/turn-record.ts";
import type { Finish } from "../../src/ports/journal.ts";
import { memoryOf } from "../support/core/memory-of.ts";
import type { JournalStores } from "./journal-contract.ts";

type Opened = JournalStores & AsyncDisposable;

const key = "fake:room:1";
/** Its key looks like that of a page of the other. */
const neighbour = "fake:room:1|abcdefgh";
const { signal } = new AbortController();

function messageOf(ordinal: number, text = `message ${ordinal}`): RememberedMessage {
  return {
    id: `m${ordinal}`,
    author: { id: "ada", name: "Ada" },
    text,
    saidAtMs: ordinal,
    attachments: [],
    role: "person",
    speaker: "Ada",
    tokens: 3,
    chapter: 1,
    answers: [],
    ordinal,
    revision: ordinal,
  };
}

/** A memory of `count` messages, with a long summary. */
function longMemory(count: number, conversation: ConversationMemory["conversation"] = key) {
  const cites = [{ message: "m0", ordinal: 1, saidAtMs: 1 }];
  const lines = Array.from({ length: 60 }, (_, index) => ({
    text: `what was said, part ${index}`,
    cites,
    tokens: 9,
  }));
  const messages = Array.from({ length: count }, (_, index) => messageOf(index + 1));
  const summary = { lines, upTo: 1, dropped: 0, madeAtMs: 1 };
  return memoryOf(conversation, { messages, summary, revision: count, nextOrdinal: count + 1 });
}

/** The records of so many turns, the newest of the memory's revision. */
function recordsUpTo(revision: number, count: number): readonly TurnRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const ordinal = revision - count + index + 1;
    return {
      id: `turn ${ordinal}`,
      conversation: key,
      platform: "fake",
      place: "room",
      purpose: "answer",
      outcome: "answered",
      steps: [],
      covers: [`m${ordinal}`],
      ordinal,
      revision: ordinal,
      settingsVersion: "1",
      attempt: 0,
      finishedAtMs: ordinal,
    };
  });
}

type Process = Pick<JournalStores, "journal" | "memories">;

async function finish(
  { journal }: Process,
  memory: ConversationMemory,
  more: Partial<Finish> = {},
): Promise<void> {
  const { lease } = await journal.claim(memory.conversation, "w", signal);
  await journal.finish(lease, { covers: [], posts: [], memory, ...more }, signal);
}

async function readIn(
  { memories }: Process,
  conversation: ConversationKey = key,
): Promise<ConversationMemory> {
  const { memory } = await memories.read(conversation, signal);
  if (memory === undefined) throw new TypeError("No memory");
  return memory;
}

/** With one message more. */
function grown(memory: ConversationMemory): ConversationMemory {
  const ordinal = memory.nextOrdinal;
  const messages = [...memory.messages, messageOf(ordinal)];
  return { ...memory, messages, nextOrdinal: ordinal + 1, revision: memory.revision + 1 };
}

/** Working memory is stored as a head and pages, by the writes of every journal. */
export function pagedMemoryContract(open: () => Promise<Opened>): void {
  test("reads a memory of many pages, and of one page less or more, in each process", async () => {
    await using stores = await open();
    await using other = await stores.another();
    for (const count of [100, 101, 84, 16, 17, 1, 200]) {
      await finish(stores, longMemory(count));
      expect(await readIn(stores)).toEqual(longMemory(count));
      expect(await readIn(other)).toEqual(longMemory(count));
    }
  });

  test("writes the same few records for a turn, however long the memory is", async () => {
    await using stores = await open();
    const written: number[] = [];
    for (const count of [100, 1_000]) {
      await finish(stores, longMemory(count));
      const before = await stores.memoryRecords();
      await finish(stores, grown(await readIn(stores)));
      const after = await stores.memoryRecords();
      expect(after.size - before.size).toBeLessThanOrEqual(1);
      const changed = [...after].filter(([name, bytes]) => before.get(name) !== bytes);
      written.push(changed.length);
    }
    expect(Math.max(...written)).toBeLessThanOrEqual(2);
  });

  test("rewrites the one page of an edited message, and removes the page that it replaces", async () => {
    await using stores = await open();
    await finish(stores, longMemory(160));
    const before = await stores.memoryRecords();
    const memory = await readIn(stores);
    const messages = memory.messages.map((each) => (each.id === "m40" ? { ...each, text: "edited" } : each));
    await finish(stores, { ...memory, messages, revision: 161 });
    const after = await stores.memoryRecords();
    expect([...after.keys()].filter((name) => !before.has(name))).toHaveLength(1);
    expect([...before.keys()].filter((name) => !after.has(name))).toHaveLength(1);
    expect([...after.values()].join("\n")).not.toContain('"message 40"');
    expect((await readIn(stores)).messages).toEqual(messages);
  });

  test("writes the same few bytes for a turn, however many turn records the archive lacks", async () => {
    await using stores = await open();
    await using other = await stores.another();
    const bytesOfTurns = async (lacking: number): Promise<number> => {
      await finish(stores, { ...longMemory(100), records: recordsUpTo(100, lacking) });
      let bytes = 0;
      for (let turns = 0; turns < 4; turns += 1) {
        const before = await stores.memoryRecords();
        const memory = grown(await readIn(stores));
        const records = [...(memory.records ?? []), ...recordsUpTo(memory.revision, 1)];
        await finish(stores, { ...memory, records });
        for (const [name, stored] of await stores.memoryRecords())
          if (before.get(name) !== stored) bytes += stored.length;
      }
      expect((await readIn(other)).records).toEqual(recordsUpTo(104, lacking + 4));
      return bytes;
    };
    // The head has the ids of the pages.
    expect(await bytesOfTurns(200)).toBeLessThan((await bytesOfTurns(2)) + 6_000);
  });

  test("removes the pages of turn records that the archive has", async () => {
    await using stores = await open();
    await using other = await stores.another();
    await finish(stores, longMemory(100));
    const { size } = await stores.memoryRecords();
    await finish(stores, { ...longMemory(100), records: recordsUpTo(100, 50) });
    for (const left of [3, 2, 1]) {
      const memory = await readIn(stores);
      await finish(stores, { ...memory, records: (memory.records ?? []).slice(-left) });
      expect((await readIn(other)).records).toEqual(recordsUpTo(100, left));
      const names = [...(await stores.memoryRecords()).values()].join().match(/turn \d+/gu);
      expect(names?.length).toBe(left);
    }
    expect((await stores.memoryRecords()).size).toBe(size);
  });

  test("keeps the turn records that can be read if a page of them is gone", async () => {
    await using stores = await open();
    await using other = await stores.another();
    await finish(stores, { ...longMemory(100), records: recordsUpTo(100, 9) });
    const [page = "", bytes] =
      [...(await stores.memoryRecords())].find(([, each]) => each.includes('"turn 94"')) ?? [];
    await stores.loseMemory(`${key}${page.slice(page.indexOf(key) + key.length)}`);
    const { isUnreadable, rest } = await other.memories.read(key, signal);
    expect(isUnreadable).toBe(true);
    expect(rest).toEqual({
      ...longMemory(100),
      records: recordsUpTo(100, 9).filter(({ id }) => bytes?.includes(`"${id}"`) === false),
    });
    expect(rest?.records?.length).toBeGreaterThan(0);
  });

  test("writes everything again if another process has written since", async () => {
    await using stores = await open();
    await using other = await stores.another();
    await finish(stores, longMemory(50));
    await finish(other, longMemory(90));
    const count = (await stores.memoryRecords()).size;
    // Without having read what the other wrote.
    await finish(stores, longMemory(91));
    expect(await readIn(other)).toEqual(longMemory(91));
    expect((await stores.memoryRecords()).size).toBe(count);
  });

  test("leaves no record of an erased conversation, and every record of its neighbour", async () => {
    await using stores = await open();
    await finish(stores, longMemory(80, neighbour));
    const kept = await stores.memoryRecords();
    for (const erase of [true, undefined] as const) {
      await finish(stores, longMemory(100));
      const mark = memoryOf(key, { revision: 101, forgottenAtMs: 1 });
      await finish(stores, mark, erase === undefined ? {} : { erase });
      const left = await stores.memoryRecords();
      expect(left.size).toBe(kept.size + 1);
      expect(await readIn(stores)).toEqual(mark);
    }
    const { lease } = await stores.journal.claim(key, "w", signal);
    await stores.journal.finish(lease, { covers: [], posts: [], erase: true }, signal);
    expect(await stores.memoryRecords()).toEqual(kept);
    expect(await readIn(stores, neighbour)).toEqual(longMemory(80, neighbour));
  });

  test("leaves no record of an evicted conversation", async () => {
    await using stores = await open();
    await finish(stores, longMemory(100));
    await stores.outbox.markSynced(key, 100, signal);
    expect(await stores.eviction.evict({ conversation: key, revision: 100 }, 9e15, signal)).toBe(true);
    expect(await stores.memoryRecords()).toEqual(new Map());
    await finish(stores, longMemory(100));
    expect(await readIn(stores)).toEqual(longMemory(100));
  });

  test.each([
    ["broken", "{{{"],
    ["another record", '{"value":7}'],
    ["gone", undefined],
  ])(
    "quarantines a memory one of whose pages is %s, with its other pages, and continues",
    async (_name, bytes) => {
      await using stores = await open();
      await using other = await stores.another();
      await finish(stores, longMemory(100));
      const records = await stores.memoryRecords();
      const [page = ""] = [...records].find(([, each]) => each.includes('"message 20"')) ?? [];
      const suffix = page.slice(page.indexOf(key) + key.length);
      if (bytes === undefined) await stores.loseMemory(`${key}${suffix}`);
      else await stores.breakMemory(`${key}${suffix}`, Buffer.from(bytes));
      // This process still holds the page.
      expect(await readIn(stores)).toEqual(longMemory(100));
      const { isUnreadable, rest } = await other.memories.read(key, signal);
      expect(isUnreadable).toBe(true);
      const whole = longMemory(100);
      const left = whole.messages.filter(({ ordinal }) => ordinal <= 16 || ordinal > 20);
      expect(rest).toEqual({ ...whole, messages: left });
      const { lease } = await other.journal.claim(key, "w", signal);
      await other.journal.quarantineMemory(lease, "r1", memoryOf(key), signal);
      const aside = (await stores.foundAside("r1"))?.toString();
      expect(aside).toContain('"message 1"');
      expect(aside).toContain('"message 100"');
      expect(await readIn(stores)).toEqual(memoryOf(key));
      expect((await stores.memoryRecords()).size).toBe(1);
    },
  );

  test("restores a memory in place of another, whose pages go", async () => {
    await using stores = await open();
    await finish(stores, longMemory(100));
    const { lease } = await stores.journal.claim(key, "w", signal);
    await stores.journal.restore(lease, longMemory(40), { syncedRevision: 40 }, signal);
    expect(await readIn(stores)).toEqual(longMemory(40));
    const text = [...(await stores.memoryRecords()).values()].join("\n");
    expect(text).toContain('"message 40"');
    expect(text).not.toContain('"message 41"');
  });
}
