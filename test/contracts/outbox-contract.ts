import { expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import type { ConversationMemory } from "../../src/domain/conversation-memory.ts";
import type { Inbox } from "../../src/ports/inbox.ts";
import type { Journal } from "../../src/ports/journal.ts";
import type { Outbox } from "../../src/ports/outbox.ts";
import { said } from "../support/core/inbounds.ts";
import { memoryOf } from "../support/core/memory-of.ts";

interface Opened extends AsyncDisposable {
  readonly inbox: Inbox;
  readonly journal: Journal;
  readonly outbox: Outbox;
  readonly loseMemory: (conversation: ConversationKey) => Promise<unknown>;
}

const { signal } = new AbortController();
const one: ConversationKey = "fake:room:1";
const two: ConversationKey = "fake:room:2";
const three: ConversationKey = "fake:room:3";

async function finish({ journal }: Opened, memory: ConversationMemory): Promise<void> {
  const { lease } = await journal.claim(memory.conversation, "w", signal);
  await journal.finish(lease, { covers: [], posts: [], memory }, signal);
}

/** The contract of the outbox and the journal that fills it. */
export function outboxContract(open: () => Promise<Opened>): void {
  test("lists conversations that are not completely synced, the longest pending first", async () => {
    await using stores = await open();
    const { outbox } = stores;
    expect(await outbox.pending(9, signal)).toEqual([]);
    await finish(stores, memoryOf(two, { revision: 1 }));
    const beforeMs = Date.now();
    await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(beforeMs);
    await finish(stores, memoryOf(one, { revision: 1 }));
    await finish(stores, memoryOf(two, { revision: 2 }));
    expect(await outbox.pending(9, signal)).toEqual([
      { conversation: two, syncedRevision: 0 },
      { conversation: one, syncedRevision: 0 },
    ]);
    expect(await outbox.pending(1, signal)).toEqual([{ conversation: two, syncedRevision: 0 }]);
    expect(await outbox.pendingKeys(9, signal)).toEqual([two, one]);
    expect(await outbox.pendingKeys(1, signal)).toEqual([two]);
    await outbox.markSynced(two, 2, signal);
    expect(await outbox.pending(9, signal)).toEqual([{ conversation: one, syncedRevision: 0 }]);
    expect(await stores.journal.claim(two, "w", signal)).toMatchObject({ syncedRevision: 2 });
    await finish(stores, memoryOf(two, { revision: 3 }));
    expect(await outbox.pending(9, signal)).toContainEqual({ conversation: two, syncedRevision: 2 });
  });

  test("keeps a conversation with a newer revision than was synced", async () => {
    await using stores = await open();
    await finish(stores, memoryOf(one, { revision: 1 }));
    await finish(stores, memoryOf(one, { revision: 2 }));
    await stores.outbox.markSynced(one, 1, signal);
    expect(await stores.outbox.pending(9, signal)).toEqual([{ conversation: one, syncedRevision: 1 }]);
    await stores.outbox.markSynced(one, 2, signal);
    await stores.outbox.markSynced(one, 1, signal);
    expect(await stores.outbox.pending(9, signal)).toEqual([]);
    expect(await stores.journal.claim(one, "w", signal)).toMatchObject({ syncedRevision: 2 });
  });

  test("ignores the revision of a memory that no longer exists", async () => {
    await using stores = await open();
    await finish(stores, memoryOf(one, { revision: 1 }));
    await stores.outbox.markSynced(one, 7, signal);
    expect(await stores.outbox.pending(9, signal)).toEqual([{ conversation: one, syncedRevision: 0 }]);
  });

  test("no longer lists a conversation that has nothing left to sync", async () => {
    await using stores = await open();
    await finish(stores, memoryOf(one, { revision: 1 }));
    await finish(stores, memoryOf(two, { revision: 1 }));
    await stores.loseMemory(one);
    for (const key of [one, two]) await stores.outbox.markSynced(key, Number.MAX_SAFE_INTEGER, signal);
    expect(await stores.outbox.pending(9, signal)).toEqual([{ conversation: two, syncedRevision: 0 }]);
    await finish(stores, memoryOf(one, { revision: 1 }));
    expect(await stores.outbox.pending(9, signal)).toContainEqual({ conversation: one, syncedRevision: 0 });
  });

  test("syncs a memory that was lost and began again from the beginning", async () => {
    await using stores = await open();
    await finish(stores, memoryOf(one, { revision: 5 }));
    await stores.outbox.markSynced(one, 5, signal);
    await finish(stores, memoryOf(one, { revision: 1 }));
    expect(await stores.outbox.pending(9, signal)).toEqual([{ conversation: one, syncedRevision: 0 }]);
    await stores.outbox.markSynced(one, 1, signal);
    expect(await stores.outbox.pending(9, signal)).toEqual([]);
  });

  test("lists no conversation whose memory was quarantined", async () => {
    await using stores = await open();
    await finish(stores, memoryOf(one, { revision: 1 }));
    const { lease } = await stores.journal.claim(one, "w", signal);
    await stores.journal.quarantineMemory(lease, "r1", undefined, signal);
    expect(await stores.outbox.pending(9, signal)).toEqual([]);
  });

  test("still lists one whose quarantined memory was replaced", async () => {
    await using stores = await open();
    await finish(stores, memoryOf(one, { revision: 1 }));
    const { lease } = await stores.journal.claim(one, "w", signal);
    await stores.journal.quarantineMemory(lease, "r1", memoryOf(one, { revision: 2 }), signal);
    expect(await stores.outbox.pending(9, signal)).toEqual([{ conversation: one, syncedRevision: 0 }]);
  });

  test("knows nothing of an unknown conversation, and creates none", async () => {
    await using stores = await open();
    await stores.outbox.markSynced(one, 1, signal);
    expect(await stores.outbox.pending(9, signal)).toEqual([]);
    expect(await stores.journal.claim(one, "w", signal)).toMatchObject({ syncedRevision: 0 });
  });

  test("tells the states of conversations, in the given order", async () => {
    await using stores = await open();
    const { outbox } = stores;
    await finish(stores, memoryOf(one, { revision: 3 }));
    await outbox.markSynced(one, 3, signal);
    await finish(stores, memoryOf(one, { revision: 4 }));
    expect(await outbox.pendingKeys(9, signal)).toEqual([one]);
    expect(await outbox.states([one, two], signal)).toEqual([{ syncedRevision: 3 }, { syncedRevision: 0 }]);
    await stores.inbox.accept(said("m1", "hello", { conversation: one }), 7, signal);
    const listing = await outbox.listing(one, signal);
    expect(listing).toMatchObject({ lastAtMs: 7 });
    expect(await outbox.states([two, one], signal)).toEqual([
      { syncedRevision: 0 },
      { syncedRevision: 3, listing },
    ]);
    expect(await outbox.states([], signal)).toEqual([]);
  });

  test("marks several conversations as it marks one", async () => {
    await using stores = await open();
    const { outbox } = stores;
    await finish(stores, memoryOf(one, { revision: 5 }));
    for (const revision of [1, 2]) await finish(stores, memoryOf(two, { revision }));
    await finish(stores, memoryOf(three, { revision: 1 }));
    await outbox.markSynced(three, 1, signal);
    const synced = [
      { conversation: one, revision: 5, locations: 0 },
      { conversation: two, revision: 1, locations: 0 },
      { conversation: three, revision: 7, locations: 0 },
      { conversation: "fake:room:unknown", revision: 1, locations: 0 },
    ] as const;
    expect(await outbox.markAllSynced(synced, signal)).toEqual([]);
    expect(await outbox.pending(9, signal)).toEqual([{ conversation: two, syncedRevision: 1 }]);
    expect(await stores.journal.claim(one, "w", signal)).toMatchObject({ syncedRevision: 5 });
    expect(await stores.journal.claim(three, "w", signal)).toMatchObject({ syncedRevision: 1 });
    expect(await stores.journal.claim("fake:room:unknown", "w", signal)).toMatchObject({ syncedRevision: 0 });
    await outbox.markAllSynced([{ conversation: one, revision: 4, locations: 0 }], signal);
    expect(await stores.journal.claim(one, "w", signal)).toMatchObject({ syncedRevision: 5 });
    expect(await outbox.markAllSynced([], signal)).toEqual([]);
  });

  test("names the conversations that have more locations than are needed, unless they have gone on", async () => {
    await using stores = await open();
    const { outbox, inbox } = stores;
    for (const conversation of [one, two, three]) {
      for (const id of ["m1", "m2"])
        await inbox.accept(said(`${conversation}-${id}`, "hello", { conversation }), 7, signal);
      await finish(stores, memoryOf(conversation, { revision: 1 }));
    }
    await finish(stores, memoryOf(three, { revision: 2 }));
    const synced = [
      { conversation: one, revision: 1, locations: 1 },
      { conversation: two, revision: 1, locations: 2 },
      { conversation: three, revision: 1, locations: 0 },
    ] as const;
    expect(await outbox.markAllSynced(synced, signal)).toEqual([one]);
    expect(await outbox.pending(9, signal)).toEqual([{ conversation: three, syncedRevision: 1 }]);
  });
}
