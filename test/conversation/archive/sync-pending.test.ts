import { describe, expect, test } from "vitest";

import type { SyncBatch } from "../../../src/domain/archive.ts";
import { conversationKey, type ConversationKey } from "../../../src/domain/conversation.ts";
import { ArchiveError, type Archive } from "../../../src/ports/archive.ts";
import { deleted, edited } from "../../support/core/inbounds.ts";
import { openRealBench } from "../../support/core/real-bench.ts";

const conversations: readonly ConversationKey[] = Array.from({ length: 5 }, (_, index) =>
  conversationKey(`fake:room:${index}`),
);

interface Calls {
  readonly together: ConversationKey[][];
  readonly alone: ConversationKey[];
}

/** A bench that notes how conversations are archived. `refuse` throws for a batch that the archive can't take. */
async function openNoting(refuse: (batch: SyncBatch) => void = () => undefined) {
  const calls: Calls = { together: [], alone: [] };
  const noting = <Real extends Archive>(real: Real): Real => ({
    ...real,
    syncNew: async (batches, signal) => {
      calls.together.push(batches.map(({ conversation }) => conversation));
      batches.forEach(refuse);
      return real.syncNew(batches, signal);
    },
    sync: async (batch, signal) => {
      calls.alone.push(batch.conversation);
      refuse(batch);
      return real.sync(batch, signal);
    },
  });
  const bench = await openRealBench({ archive: noting });
  const sayIn = async (text: string): Promise<void> => {
    for (const conversation of conversations)
      await bench.say(`${text} in ${conversation}`, text, { conversation });
  };
  const pending = async () =>
    (await bench.stores.outbox.pending(99, bench.signal)).map(({ conversation }) => conversation);
  const textsIn = async (conversation: ConversationKey): Promise<readonly string[]> =>
    (await bench.archived(conversation)).filter(({ role }) => role === "person").map(({ text }) => text);
  const forgetCalls = (): void => {
    calls.together.length = 0;
    calls.alone.length = 0;
  };
  return { ...bench, calls, sayIn, pending, textsIn, forgetCalls };
}

describe("pending conversations", () => {
  test("with new messages are archived together, turn after turn", async () => {
    await using bench = await openNoting();
    for (const text of ["hello", "more", "again"]) {
      await bench.sayIn(text);
      await bench.file();
    }
    expect(bench.calls).toEqual({ together: [conversations, conversations, conversations], alone: [] });
    expect(await bench.pending()).toEqual([]);
    for (const each of conversations) expect(await bench.textsIn(each)).toEqual(["hello", "more", "again"]);
    expect((await bench.records(conversations[0])).length).toBe(3);
  });

  test("with an edit or a deletion are archived alone, and the others together", async () => {
    await using bench = await openNoting();
    await bench.sayIn("hello");
    await bench.file();
    bench.forgetCalls();
    await bench.sayIn("more");
    const [gone, changed, ...others] = conversations;
    await bench.take({ ...deleted(`hello in ${gone}`), conversation: gone ?? "fake:room:0" });
    await bench.take({ ...edited(`hello in ${changed}`, "bye"), conversation: changed ?? "fake:room:1" });
    await bench.file();
    expect(bench.calls.together).toEqual([[changed, ...others]]);
    expect(bench.calls.alone.toSorted()).toEqual([gone, changed]);
    expect(await bench.pending()).toEqual([]);
    expect(await Promise.all(conversations.slice(0, 3).map(bench.textsIn))).toEqual([
      ["more"],
      ["bye", "more"],
      ["hello", "more"],
    ]);
  });

  test("are archived except the one that can't be", async () => {
    const [, poisoned] = conversations;
    let isPoisoned = true;
    await using bench = await openNoting(({ conversation }) => {
      if (isPoisoned && conversation === poisoned) throw new ArchiveError("poisoned");
    });
    await bench.sayIn("hello");
    await expect(bench.file()).rejects.toThrow("poisoned");
    expect(await bench.pending()).toEqual([poisoned]);
    isPoisoned = false;
    await bench.file();
    expect(await bench.pending()).toEqual([]);
    for (const each of conversations) expect(await bench.textsIn(each)).toEqual(["hello"]);
  });

  test("are archived one by one if it does not work together, and the operator is told", async () => {
    let isFirst = true;
    await using bench = await openNoting(() => {
      if (!isFirst) return;
      isFirst = false;
      throw new ArchiveError("a statement that the server does not know");
    });
    await bench.sayIn("hello");
    await bench.file();
    expect(bench.calls.alone).toEqual(conversations);
    expect(await bench.pending()).toEqual([]);
    expect(JSON.stringify(bench.log.lines)).toContain("synced one by one");
  });

  test("that were archived and not marked as such are archived once", async () => {
    await using bench = await openNoting();
    await bench.sayIn("hello");
    const { outbox } = bench.stores;
    const markAll = outbox.markAllSynced;
    Object.assign(outbox, { markAllSynced: () => Promise.reject(new Error("killed")) });
    const markOne = outbox.markSynced;
    Object.assign(outbox, { markSynced: () => Promise.reject(new Error("killed")) });
    await expect(bench.file()).rejects.toThrow("killed");
    expect((await bench.pending()).length).toBe(conversations.length);
    Object.assign(outbox, { markAllSynced: markAll, markSynced: markOne });
    await bench.file();
    expect(await bench.pending()).toEqual([]);
    for (const each of conversations) expect(await bench.textsIn(each)).toEqual(["hello"]);
  });
});
