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

const signal = AbortSignal.timeout(600_000);
const one: ConversationKey = "fake:room:1";
const two: ConversationKey = "fake:room:2";

async function finish({ journal }: Opened, memory: ConversationMemory): Promise<void> {
  const { lease } = await journal.claim(memory.conversation, "w", signal);
  await journal.finish(lease, { covers: [], posts: [], memory }, signal);
}

/** What every outbox must do, with the journal that writes it. */
export function outboxContract(open: () => Promise<Opened>): void {
  test("lists what the ledger does not know all of, the longest unfiled first, until it does", async () => {
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

  test("keeps on the list what has a newer revision than was filed", async () => {
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

  test("is not told by a revision of a memory that is no more", async () => {
    await using stores = await open();
    await finish(stores, memoryOf(one, { revision: 1 }));
    await stores.outbox.markSynced(one, 7, signal);
    expect(await stores.outbox.pending(9, signal)).toEqual([{ conversation: one, syncedRevision: 0 }]);
  });

  test("lists no longer what has nothing left to be filed", async () => {
    await using stores = await open();
    await finish(stores, memoryOf(one, { revision: 1 }));
    await finish(stores, memoryOf(two, { revision: 1 }));
    await stores.loseMemory(one);
    for (const key of [one, two]) await stores.outbox.markSynced(key, Number.MAX_SAFE_INTEGER, signal);
    expect(await stores.outbox.pending(9, signal)).toEqual([{ conversation: two, syncedRevision: 0 }]);
    await finish(stores, memoryOf(one, { revision: 1 }));
    expect(await stores.outbox.pending(9, signal)).toContainEqual({ conversation: one, syncedRevision: 0 });
  });

  test("files a memory that was lost, and began anew, from the beginning", async () => {
    await using stores = await open();
    await finish(stores, memoryOf(one, { revision: 5 }));
    await stores.outbox.markSynced(one, 5, signal);
    await finish(stores, memoryOf(one, { revision: 1 }));
    expect(await stores.outbox.pending(9, signal)).toEqual([{ conversation: one, syncedRevision: 0 }]);
    await stores.outbox.markSynced(one, 1, signal);
    expect(await stores.outbox.pending(9, signal)).toEqual([]);
  });

  test("lists nothing of a memory that was set aside", async () => {
    await using stores = await open();
    await finish(stores, memoryOf(one, { revision: 1 }));
    const { lease } = await stores.journal.claim(one, "w", signal);
    await stores.journal.quarantineMemory(lease, "r1", undefined, signal);
    expect(await stores.outbox.pending(9, signal)).toEqual([]);
  });

  test("knows nothing of a conversation that does not exist, and makes none", async () => {
    await using stores = await open();
    await stores.outbox.markSynced(one, 1, signal);
    expect(await stores.outbox.pending(9, signal)).toEqual([]);
    expect(await stores.journal.claim(one, "w", signal)).toMatchObject({ syncedRevision: 0 });
  });
}
