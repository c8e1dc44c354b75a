import fc from "fast-check";
import type { Keyv } from "keyv";
import { expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import type { Recollection, RememberedMessage } from "../../src/domain/recollection.ts";
import { bytesOf, keyOf, type KeyvMemory } from "../../src/storage/keyv/keyv-memory.ts";
import { anyRecollection } from "./any-recollection.ts";
import type { RecordingLog } from "../support/core/recording-log.ts";

export interface OpenedKeyvMemory extends AsyncDisposable {
  readonly memory: KeyvMemory;
  readonly keyv: Keyv;
  readonly log: RecordingLog;
}

const key: ConversationKey = "fake:room:1";
const signal = AbortSignal.timeout(60_000);

function recollectionOf(text: string, conversation: ConversationKey = key): Recollection {
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
  };
  return {
    version: 1,
    conversation,
    chapter: 2,
    messages: [message, { ...message, id: "m2", role: "notice", text: "" }],
    leftOut: 7,
    speakers: [{ id: "__proto__", label: text }],
    lastTurn: "t1",
  };
}

/** What every working memory on Keyv must do. */
export function memoryContract(open: () => Promise<OpenedKeyvMemory>): void {
  test("knows nothing of a conversation that was never remembered", async () => {
    await using store = await open();
    expect(await store.memory.recall("fake:room:none", signal)).toEqual({});
  });

  test.each([
    ["emoji and many scripts", "Grüße 👩‍👩‍👧 你好 שלום مرحبا"],
    ["control characters", "\u0000\u0001\u001B[31m\r\n\t\u007F"],
    ["half a surrogate pair", "a\uD800b"],
    ["what tokenizers reserve", "<|endoftext|><|im_start|>"],
    ["what Keyv's serializer treats in its own way", ":base64:aGk= :bigint:1 :x"],
    ["nothing", ""],
    ["a megabyte", "0123456789abcdef".repeat(65_536)],
  ])("gives back %s", async (_name, text) => {
    await using store = await open();
    await store.memory.remember(recollectionOf(text), signal);
    expect(await store.memory.recall(key, signal)).toEqual({ recollection: recollectionOf(text) });
  });

  test("gives back any record, under any key, field for field", async () => {
    await using store = await open();
    await fc.assert(
      fc.asyncProperty(anyRecollection, async (recollection) => {
        await store.memory.remember(recollection, signal);
        const read = await store.memory.recall(recollection.conversation, signal);
        expect(read).toStrictEqual({ recollection });
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
  ])("keeps conversations apart whose keys hold %s", async (_name, odd) => {
    await using store = await open();
    const [one, two]: readonly ConversationKey[] = [`fake:${odd}`, `fake:${odd}x`];
    if (one === undefined || two === undefined) throw new TypeError("Two keys");
    await store.memory.remember(recollectionOf("one", one), signal);
    expect(await store.memory.recall(two, signal)).toEqual({});
    await store.memory.remember(recollectionOf("two", two), signal);
    await store.memory.forget(two, signal);
    expect(await store.memory.recall(one, signal)).toEqual({ recollection: recollectionOf("one", one) });
  });

  test("does nothing more for somebody who has gone", async () => {
    await using store = await open();
    await store.memory.remember(recollectionOf("x"), signal);
    const gone = new Error("gone");
    await expect(store.memory.recall(key, AbortSignal.abort(gone))).rejects.toBe(gone);
    await expect(store.memory.forget(key, AbortSignal.abort(gone))).rejects.toBe(gone);
    expect((await store.memory.recall(key, signal)).recollection).toBeDefined();
  });

  test("replaces a record as a whole, and keeps conversations apart", async () => {
    await using store = await open();
    const other: ConversationKey = "fake:room:1:*?[x]%_";
    await store.memory.remember(recollectionOf("one"), signal);
    await store.memory.remember(recollectionOf("other", other), signal);
    const { lastTurn: _, ...next } = { ...recollectionOf("two"), messages: [] };
    await store.memory.remember(next, signal);
    expect((await store.memory.recall(key, signal)).recollection).toEqual(next);
    expect((await store.memory.recall(other, signal)).recollection).toEqual(recollectionOf("other", other));
    await store.memory.forget(key, signal);
    expect(await store.memory.recall(key, signal)).toEqual({});
    expect((await store.memory.recall(other, signal)).recollection?.conversation).toBe(other);
  });

  test("agrees with Keyv on key and bytes, in both directions", async () => {
    await using store = await open();
    const written = recollectionOf("by hand");
    await store.keyv.store.set(keyOf(key), bytesOf(written));
    expect(await store.keyv.get(keyOf(key))).toEqual(written);
    await store.keyv.set(keyOf(key), recollectionOf("by Keyv"));
    expect(await store.keyv.store.get(keyOf(key))).toBe(bytesOf(recollectionOf("by Keyv")));
    await store.keyv.store.set(keyOf(key), bytesOf(written));
    expect((await store.memory.recall(key, signal)).recollection).toEqual(written);
  });

  test.each([
    ["bad JSON", "{{{"],
    ["half a record", bytesOf(recollectionOf("half")).slice(0, 150)],
    ["another version", bytesOf(recollectionOf("x")).replace('"version":1', '"version":99')],
    ["a record of another conversation", bytesOf(recollectionOf("x", "fake:room:2"))],
    ["an empty record", "{}"],
    ["null", "null"],
    ["a number", "7"],
    ["no bytes at all", ""],
    ["an envelope around nothing", '{"value":null}'],
    ["an envelope around a text", '{"value":"hello"}'],
    ["nesting without end", `{"value":${"[".repeat(100_000)}${"]".repeat(100_000)}}`],
    ["a message without a text", bytesOf(recollectionOf("x")).replace('"text":"x",', "")],
  ])("sets %s aside, whole, and goes on", async (_name, bytes) => {
    await using store = await open();
    await store.memory.remember(recollectionOf("fine", "fake:room:9"), signal);
    await store.keyv.store.set(keyOf(key), bytes);
    const { setAside, recollection } = await store.memory.recall(key, signal);
    expect(recollection).toBeUndefined();
    expect(await store.keyv.get(`set-aside:${setAside}:${key}`)).toBe(bytes);
    expect(store.log.lines).toMatchObject([{ level: "error", facts: { reference: setAside } }]);
    expect(await store.memory.recall(key, signal)).toEqual({});
    expect((await store.memory.recall("fake:room:9", signal)).recollection).toBeDefined();
  });
}
