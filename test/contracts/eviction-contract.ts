import { expect, test } from "vitest";

import type { ConversationMemory } from "../../src/domain/conversation-memory.ts";
import type { Directory } from "../../src/ports/directory.ts";
import type { Eviction, SyncedConversation } from "../../src/ports/eviction.ts";
import type { ErasureRequests } from "../../src/ports/erasure-requests.ts";
import type { Inbox } from "../../src/ports/inbox.ts";
import type { Journal } from "../../src/ports/journal.ts";
import type { Memory } from "../../src/ports/memory.ts";
import type { Outbox } from "../../src/ports/outbox.ts";
import type { ArchivedMarks } from "../../src/ports/archived-marks.ts";
import { said } from "../support/core/inbounds.ts";
import { memoryOf } from "../support/core/memory-of.ts";

interface Opened extends AsyncDisposable {
  readonly inbox: Inbox;
  readonly journal: Journal;
  readonly memories: Memory;
  readonly directory: Directory;
  readonly outbox: Outbox;
  readonly archivedMarks: ArchivedMarks;
  readonly eviction: Eviction;
  readonly erasureRequests: ErasureRequests;
}

const { signal } = new AbortController();
const key = "fake:room:1";
const memory: ConversationMemory = memoryOf(key, { revision: 5, nextOrdinal: 7 });
const synced: SyncedConversation = {
  conversation: key,
  revision: 5,
  listing: { title: "hello", lastAtMs: 10 },
};

/** A message at 10 ms with its answer, both synced. */
async function talk(stores: Opened, message = "m1"): Promise<void> {
  const { inbox, journal, outbox } = stores;
  await inbox.accept(said(message, "hello"), 10, signal);
  const { lease } = await journal.claim(key, "w", signal);
  const covers = (await inbox.waiting(key, signal)).map(({ id }) => id);
  await journal.finish(lease, { covers, posts: ["room/p1"], memory }, signal);
  await outbox.markSynced(key, 5, signal);
}

async function expectToStay(stores: Opened): Promise<void> {
  expect(await stores.eviction.evict(synced, 11, signal)).toBe(false);
  expect((await stores.memories.read(key, signal)).memory).toEqual(memory);
  expect(await stores.directory.locate("fake", "room", "m1", signal)).toBe(key);
}

/** The contract of eviction from the hot store. */
export function evictionContract(open: () => Promise<Opened>): void {
  test("evicts an inactive conversation, and keeps only its mark", async () => {
    await using stores = await open();
    const { eviction, memories, directory, archivedMarks, inbox } = stores;
    await talk(stores);
    const part = { skip: 0, limit: 9 };
    expect(await eviction.inactive("fake", 10, part, signal)).toEqual([]);
    const location = { conversation: key, platform: "fake", place: "room" };
    expect(await eviction.inactive("fake", 11, part, signal)).toEqual([location]);
    expect(await eviction.inactive("fake", 11, { ...part, skip: 1 }, signal)).toEqual([]);
    expect(await eviction.evict(synced, 11, signal)).toBe(true);
    expect(await memories.read(key, signal)).toEqual({});
    for (const message of ["m1", "p1"])
      expect(await directory.locate("fake", "room", message, signal)).toBeUndefined();
    expect(await directory.recent("fake", "room", 9, signal)).toEqual([]);
    expect(await directory.ofAuthor("fake", "ada", 9, signal)).toEqual([]);
    expect(await directory.active("fake", 0, signal)).toEqual([]);
    expect(await archivedMarks.missing([key], signal)).toEqual([key]);
    expect(await inbox.accept(said("m2", "more", { addressing: "open" }), 20, signal)).toBe("stored");
    expect(await eviction.evict(synced, 11, signal)).toBe(false);
    expect(await inbox.waiting(key, signal)).toHaveLength(1);
  });

  test("keeps a conversation with a new message, a waiting entry, a running turn or a pending sync", async () => {
    await using stores = await open();
    const { eviction, journal, outbox, inbox } = stores;
    await talk(stores);
    expect(await eviction.evict(synced, 10, signal)).toBe(false);
    const { lease } = await journal.claim(key, "w", signal);
    const replyTo = { platform: "fake", target: {} };
    const turn = { id: "t", conversation: key, attempt: 1, covers: [], replyTo, posts: [] } as const;
    await journal.save(lease, turn, signal);
    await expectToStay(stores);
    await journal.finish(lease, { covers: [], posts: [], memory }, signal);
    await expectToStay(stores);
    await outbox.markSynced(key, 5, signal);
    await inbox.accept(said("m2", "more"), 10, signal);
    await expectToStay(stores);
  });

  test("syncs again the records that differ in the archive", async () => {
    await using stores = await open();
    await talk(stores);
    const others: readonly SyncedConversation[] = [
      { ...synced, revision: 4 },
      { conversation: key, revision: 5 },
      { ...synced, listing: { title: "old", lastAtMs: 10 } },
      { ...synced, listing: { title: "hello", isNamed: true, lastAtMs: 10 } },
    ];
    for (const other of others) {
      expect(await stores.eviction.evict(other, 11, signal)).toBe(false);
      expect(await stores.outbox.pending(9, signal)).toEqual([{ conversation: key, syncedRevision: 5 }]);
      await stores.outbox.markSynced(key, 5, signal);
    }
    expect(await stores.eviction.evict(synced, 11, signal)).toBe(true);
  });

  test("refuses the writes of a lease from before the eviction", async () => {
    await using stores = await open();
    await talk(stores);
    const { lease } = await stores.journal.claim(key, "w", signal);
    await stores.eviction.evict(synced, 11, signal);
    await expect(stores.journal.finish(lease, { covers: [], posts: [], memory }, signal)).rejects.toThrow(
      "claimed the conversation",
    );
  });

  test("forgets the locations of old messages, but not of waiting ones", async () => {
    await using stores = await open();
    const { eviction, directory, inbox } = stores;
    await talk(stores);
    await inbox.accept(said("m2", "more"), 10, signal);
    const where = async (message: string) => directory.locate("fake", "room", message, signal);
    await eviction.dropLocations({ conversation: key, revision: 4 }, ["p1"], signal);
    expect(await where("m1")).toBe(key);
    await eviction.dropLocations({ conversation: key, revision: 5 }, ["p1"], signal);
    expect(await where("m1")).toBeUndefined();
    expect(await where("p1")).toBe(key);
    expect(await where("m2")).toBe(key);
  });

  test("forgets the locations of old quoted messages except those to keep, and evicts the conversation with them", async () => {
    await using stores = await open();
    const { eviction, directory, inbox, journal } = stores;
    const quoting = async (message: string) => directory.quoting("fake", "room", message, signal);
    await inbox.accept(said("a", "hello", { quoted: said("q1", "quoted").message }), 10, signal);
    await inbox.accept(said("b", "two", { quoted: said("q2", "quoted").message }), 10, signal);
    const elsewhere = { conversation: "fake:room:2", quoted: said("q2", "quoted").message } as const;
    await inbox.accept(said("c", "three", elsewhere), 10, signal);
    await talk(stores);
    await eviction.dropLocations({ conversation: key, revision: 5 }, ["quoted:q2"], signal);
    expect(await quoting("q1")).toEqual([]);
    expect((await quoting("q2")).toSorted()).toEqual([key, "fake:room:2"]);
    const { lease } = await journal.claim(key, "w", signal);
    await journal.finish(lease, { covers: [], posts: [] }, signal);
    expect(await eviction.evict(synced, 11, signal)).toBe(true);
    expect(await quoting("q2")).toEqual(["fake:room:2"]);
  });

  test("removes old authors and old marks of erasure requests", async () => {
    await using stores = await open();
    const { eviction, directory, erasureRequests } = stores;
    await talk(stores);
    const bob = { id: "f1", platform: "fake", author: "bob", beforeMs: 10 } as const;
    const receipt = { conversation: key, replyTo: { platform: "fake", target: {} } } as const;
    await erasureRequests.begin(bob, signal);
    await erasureRequests.begin({ ...bob, id: "f2", author: "eve", receipt }, signal);
    const marks = async () => [...(await erasureRequests.cutoffs("fake", ["bob", "eve"], signal)).keys()];
    await eviction.expire(10, signal);
    expect(await marks()).toEqual(["bob", "eve"]);
    expect(await directory.ofAuthor("fake", "ada", 9, signal)).toHaveLength(1);
    await eviction.expire(11, signal);
    expect(await marks()).toEqual(["eve"]);
    expect(await directory.ofAuthor("fake", "ada", 9, signal)).toEqual([]);
  });

  test("unmarks conversations that the archive no longer has", async () => {
    await using stores = await open();
    await stores.archivedMarks.markComplete(signal);
    await stores.archivedMarks.mark([key], signal);
    await stores.eviction.unmark([key], signal);
    expect(await stores.archivedMarks.mayBeArchived(key, signal)).toBe(false);
  });
}
