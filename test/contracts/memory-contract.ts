import fc from "fast-check";
import type { Keyv } from "keyv";
import { expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import type { ConversationMemory, RememberedMessage } from "../../src/domain/conversation-memory.ts";
import { keyOf, pageKeyOf } from "../../src/storage/keyv/keyv-memory.ts";
import { MemoryPages, type MemoryWrite } from "../../src/storage/keyv/memory-pages.ts";
import { bytesOf } from "../support/core/bytes-of.ts";
import type { HotMemory } from "../../src/ports/memory.ts";
import { anyMemory } from "./any-memory.ts";

export interface OpenedKeyvMemory extends AsyncDisposable {
  readonly memories: HotMemory;
  readonly keyv: Keyv;
}

const key: ConversationKey = "fake:room:1";
const { signal } = new AbortController();

function memoryRecordOf(text: string, conversation: ConversationKey = key): ConversationMemory {
  const message: RememberedMessage = {
    id: "m1",
    author: { id: "__proto__", name: text },
    text,
    saidAtMs: 1_763_700_000_000,
    attachments: [{ name: text, mediaType: "text/plain", sizeBytes: 3 }, { name: "bare" }],
    permalink: "https://example.com/p1",
    role: "person",
    speaker: text,
    tokens: 12,
    chapter: 2,
    answers: ["m0"],
    ordinal: 4,
    revision: 2,
    posts: ["room/m1"],
    sources: [{ conversation, message: "m0", permalink: "https://example.com/p0" }],
  };
  const cites = [{ message: "m0", ordinal: 3, saidAtMs: 1_763_600_000_000 }];
  const summary = { lines: [{ text, cites, tokens: 3 }], upTo: 4, dropped: 1, madeAtMs: 5 };
  return {
    version: 2,
    conversation,
    platform: "fake",
    place: "room",
    revision: 3,
    base: 1,
    chapter: 2,
    since: 2,
    nextOrdinal: 6,
    messages: [message, { ...message, id: "m2", role: "notice", text: "", ordinal: 5 }],
    windowFrom: 4,
    summary,
    leftOut: 7,
    erasures: [{ revision: 2, kind: "author", author: "__proto__", beforeOrdinal: 3 }],
    edits: [{ revision: 2, message: "m0", text }],
    closed: { since: 1, summary, windowFrom: 1, closedAtMs: 6 },
    speakers: [{ id: "__proto__", label: text }],
    titledBy: "m0",
  };
}

async function remember({ keyv }: OpenedKeyvMemory, memory: ConversationMemory): Promise<void> {
  await keyv.set(keyOf(memory.conversation), memory);
}

/** As `memoryRecordOf`, with so many messages that it has pages. */
export function longRecordOf(text: string): ConversationMemory {
  const memory = memoryRecordOf(text);
  const [first] = memory.messages;
  const [line] = memory.summary?.lines ?? [];
  if (first === undefined || line === undefined) throw new TypeError("A message and a line");
  const messages = Array.from({ length: 50 }, (_, index) => ({
    ...first,
    id: `m${index}`,
    ordinal: index + 4,
  }));
  const summary = { lines: Array.from({ length: 99 }, () => line), upTo: 4, dropped: 1, madeAtMs: 9 };
  return { ...memory, messages, summary, nextOrdinal: 54 };
}

/** Those of a head or a page. */
function messagesIn(value: unknown): readonly unknown[] {
  const messages: unknown = Array.isArray(value) ? value : Reflect.get(Object(value), "messages");
  return Array.isArray(messages) ? messages : [];
}

/** What the finish of a turn does with a write. */
export async function storeWrite(
  { keyv }: OpenedKeyvMemory,
  { conversation, head, added, gone }: MemoryWrite,
): Promise<void> {
  for (const { id, bytes } of added) await keyv.store.set(pageKeyOf(conversation, id), bytes);
  await keyv.store.set(keyOf(conversation), head);
  for (const id of gone) await keyv.store.delete(pageKeyOf(conversation, id));
}

/** The contract of working memory on Keyv. */
export function memoryContract(open: () => Promise<OpenedKeyvMemory>): void {
  test("returns nothing for a conversation without memory", async () => {
    await using store = await open();
    expect(await store.memories.read("fake:room:none", signal)).toEqual({});
  });

  test.each([
    ["emoji and many scripts", "Grüße 👩‍👩‍👧 你好 שלום مرحبا"],
    ["control characters", "\u0000\u0001\u001B[31m\r\n\t\u007F"],
    ["half a surrogate pair", "a\uD800b"],
    ["what tokenizers reserve", "<|endoftext|><|im_start|>"],
    ["what Keyv's serializer treats in its own way", ":base64:aGk= :bigint:1 :x"],
    ["nothing", ""],
    ["a megabyte", "0123456789abcdef".repeat(65_536)],
  ])("returns %s", async (_name, text) => {
    await using store = await open();
    await remember(store, memoryRecordOf(text));
    expect(await store.memories.read(key, signal)).toEqual({ memory: memoryRecordOf(text) });
  });

  test("reads several, each as it reads one", async () => {
    await using store = await open();
    const held = longRecordOf("held");
    await remember(store, { ...memoryRecordOf("whole"), conversation: "fake:room:2" });
    const write = new MemoryPages().plan(held, "all");
    await storeWrite(store, write);
    await store.memories.read(key, signal);
    const unheld = { ...longRecordOf("unheld"), conversation: "fake:room:3" as const };
    await storeWrite(store, new MemoryPages().plan(unheld, "all"));
    await store.keyv.store.set(keyOf("fake:room:4"), "{");
    const keys = [key, "fake:room:none", "fake:room:2", "fake:room:3", "fake:room:4", key] as const;
    const all = await store.memories.readAll(keys, signal);
    expect(all).toEqual(await Promise.all(keys.map((each) => store.memories.read(each, signal))));
    expect(all[0]).toEqual({ memory: held });
    expect(all[4]).toEqual({ isUnreadable: true });
    expect(await store.memories.readAll([], signal)).toEqual([]);
    await storeWrite(store, new MemoryPages().plan({ ...held, revision: held.revision + 1 }, "all"));
    const [again] = await store.memories.readAll([key], signal);
    expect(again?.memory?.revision).toBe(held.revision + 1);
  });

  test("returns any record, under any key, in all its properties", async () => {
    await using store = await open();
    await fc.assert(
      fc.asyncProperty(anyMemory, async (memory) => {
        await remember(store, memory);
        const read = await store.memories.read(memory.conversation, signal);
        expect(read).toStrictEqual({ memory });
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ["wildcards", "*?[x]%_"],
    ["colons", "::"],
    ["a NUL", "\u0000"],
    ["a line break", "line\nbreak"],
    ["a space", "with space"],
    ["an emoji", "🧵"],
    ["the name of a prototype", "__proto__"],
    ["5,000 characters", "k".repeat(5_000)],
  ])("separates conversations whose keys have %s", async (_name, odd) => {
    await using store = await open();
    const [one, two]: readonly ConversationKey[] = [`fake:${odd}`, `fake:${odd}x`];
    if (one === undefined || two === undefined) throw new TypeError("Two keys");
    await remember(store, memoryRecordOf("one", one));
    expect(await store.memories.read(two, signal)).toEqual({});
    await remember(store, memoryRecordOf("two", two));
    await store.keyv.delete(keyOf(two));
    expect(await store.memories.read(one, signal)).toEqual({ memory: memoryRecordOf("one", one) });
  });

  test("does nothing for an aborted caller", async () => {
    await using store = await open();
    await remember(store, memoryRecordOf("x"));
    const gone = new Error("gone");
    await expect(store.memories.read(key, AbortSignal.abort(gone))).rejects.toBe(gone);
    expect((await store.memories.read(key, signal)).memory).toBeDefined();
  });

  test("replaces a record as a whole, and no other conversation's", async () => {
    await using store = await open();
    const other: ConversationKey = "fake:room:1:*?[x]%_";
    await remember(store, memoryRecordOf("one"));
    await remember(store, memoryRecordOf("other", other));
    const next = { ...memoryRecordOf("two"), messages: [] };
    await remember(store, next);
    expect((await store.memories.read(key, signal)).memory).toEqual(next);
    expect((await store.memories.read(other, signal)).memory).toEqual(memoryRecordOf("other", other));
    await store.keyv.delete(keyOf(key));
    expect(await store.memories.read(key, signal)).toEqual({});
    expect((await store.memories.read(other, signal)).memory?.conversation).toBe(other);
  });

  test("agrees with Keyv on key and bytes of head, pages and long parts, in both directions", async () => {
    await using opened = await open();
    const memory = longRecordOf("by hand");
    const write = new MemoryPages().plan(memory);
    await storeWrite(opened, write);
    expect(write.added).toHaveLength(13);
    const head: unknown = await opened.keyv.get(keyOf(key));
    const { version: _version, messages: _messages, summary: _summary, ...fields } = memory;
    expect(head).toMatchObject(fields);
    const parts = await Promise.all(
      write.added.map(({ id }) => opened.keyv.get<unknown>(pageKeyOf(key, id))),
    );
    expect([...parts.slice(0, -1), head].flatMap((each) => messagesIn(each))).toEqual(memory.messages);
    expect(parts.at(-1)).toEqual(memory.summary);
    expect(await opened.memories.read(key, signal)).toStrictEqual({ memory });

    await opened.keyv.deleteMany([keyOf(key), ...write.added.map(({ id }) => pageKeyOf(key, id))]);
    expect(await opened.memories.read(key, signal)).toEqual({});
    await opened.keyv.set(keyOf(key), head);
    for (const [index, { id }] of write.added.entries())
      await opened.keyv.set(pageKeyOf(key, id), parts[index]);
    expect(await opened.keyv.store.get(keyOf(key))).toBe(write.head);
    for (const { id, bytes } of write.added)
      expect(await opened.keyv.store.get(pageKeyOf(key, id))).toBe(bytes);
    expect(await opened.memories.read(key, signal)).toStrictEqual({ memory });
  });

  test("reads any record that a finish wrote, in all its properties", async () => {
    await using opened = await open();
    await fc.assert(
      fc.asyncProperty(anyMemory, async (memory) => {
        await storeWrite(opened, new MemoryPages().plan(memory));
        expect(await opened.memories.read(memory.conversation, signal)).toStrictEqual({ memory });
      }),
      { numRuns: 50 },
    );
  });

  test("agrees with Keyv on key and bytes of an old record, in both directions", async () => {
    await using store = await open();
    const written = memoryRecordOf("by hand");
    await store.keyv.store.set(keyOf(key), bytesOf(written));
    expect(await store.keyv.get(keyOf(key))).toEqual(written);
    await store.keyv.set(keyOf(key), memoryRecordOf("by Keyv"));
    expect(await store.keyv.store.get(keyOf(key))).toBe(bytesOf(memoryRecordOf("by Keyv")));
    await store.keyv.store.set(keyOf(key), bytesOf(written));
    expect((await store.memories.read(key, signal)).memory).toEqual(written);
  });

  test.each([
    ["bad JSON", "{{{"],
    ["half a record", bytesOf(memoryRecordOf("half")).slice(0, 150)],
    ["another version", bytesOf(memoryRecordOf("x")).replace('"version":2', '"version":99')],
    ["a record of another conversation", bytesOf(memoryRecordOf("x", "fake:room:2"))],
    ["an empty record", "{}"],
    ["null", "null"],
    ["a number", "7"],
    ["no bytes at all", ""],
    ["an envelope around nothing", '{"value":null}'],
    ["an envelope around a text", '{"value":"hello"}'],
    ["nesting without end", `{"value":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
    ["a message without a text", bytesOf(memoryRecordOf("x")).replace('"text":"x",', "")],
    ["a summary without its lines", bytesOf(memoryRecordOf("x")).replace('"lines":', '"line":')],
    [
      "a summary line that cites nothing",
      bytesOf(memoryRecordOf("x")).replace(/"cites":\[[^\]]*\]/u, '"cites":[]'),
    ],
    ["an erasure of an unknown kind", bytesOf(memoryRecordOf("x")).replace('"kind":"author"', '"kind":"x"')],
  ])("reports that %s can't be read, and leaves it unchanged", async (_name, bytes) => {
    await using store = await open();
    await remember(store, memoryRecordOf("fine", "fake:room:9"));
    await store.keyv.store.set(keyOf(key), bytes);
    for (let times = 0; times < 2; times += 1) {
      expect(await store.memories.read(key, signal)).toEqual({ isUnreadable: true });
    }
    expect(await store.keyv.store.get(keyOf(key))).toBe(bytes);
    expect((await store.memories.read("fake:room:9", signal)).memory).toBeDefined();
  });

  test("reads a record of version 1 as the newest", async () => {
    await using store = await open();
    const message = {
      id: "m1",
      author: { id: "ada", name: "Ada" },
      text: "hi",
      saidAtMs: 1,
      attachments: [],
      role: "person",
      speaker: "Ada",
      tokens: 5,
      chapter: 1,
      answers: [],
    } as const;
    const later = [
      { ...message, id: "m2", chapter: 2 },
      { ...message, id: "m3", chapter: 2 },
    ];
    const speakers = [{ id: "ada", label: "Ada" }];
    const old = {
      version: 1,
      conversation: key,
      chapter: 2,
      messages: [message, ...later],
      leftOut: 4,
      speakers,
    };
    const upgraded = {
      version: 2,
      conversation: key,
      platform: "",
      place: "",
      revision: 0,
      base: 0,
      chapter: 2,
      since: 2,
      nextOrdinal: 4,
      messages: old.messages.map((each, index) => ({ ...each, ordinal: index + 1, revision: 1 })),
      windowFrom: 2,
      leftOut: 4,
      erasures: [],
      edits: [],
      speakers,
    };
    await store.keyv.set(keyOf(key), old);
    expect(await store.memories.read(key, signal)).toStrictEqual({ memory: upgraded });
    await store.keyv.set(keyOf(key), { ...old, chapter: 3 });
    expect((await store.memories.read(key, signal)).memory).toMatchObject({ since: 3, windowFrom: 4 });
  });
}
