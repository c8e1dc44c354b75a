import { expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import type { ConversationMemory } from "../../src/domain/conversation-memory.ts";
import type { Journal } from "../../src/ports/journal.ts";
import type { Outbox } from "../../src/ports/outbox.ts";
import { memoryOf } from "../support/core/memory-of.ts";

interface Opened extends AsyncDisposable {
  readonly journal: Journal;
  readonly outbox: Outbox;
  readonly loseMemory: (conversation: ConversationKey) => Promise<unknown>;
}

const { signal } = new AbortController();
const one: ConversationKey = "fake:room:1";
const two: ConversationKey = "fake:room:2";

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
}
