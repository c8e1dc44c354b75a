import { expect, test } from "vitest";

import type { Recollection } from "../../src/domain/recollection.ts";
import type { Turn } from "../../src/domain/turn.ts";
import { StaleLeaseError } from "../../src/ports/journal.ts";
import type { Memory } from "../../src/ports/memory.ts";
import { said } from "../support/core/inbounds.ts";
import type { HotStores } from "./inbox-contract.ts";

type Opened = HotStores & { readonly memory: Memory } & AsyncDisposable;

const key = "fake:room:1";
const turn: Turn = {
  id: "t1",
  conversation: key,
  attempt: 1,
  covers: [1],
  replyTo: { platform: "fake", target: { room: "1" }, expiresAtMs: 9 },
  posts: [
    { part: 0, intendedAtMs: 3 },
    { part: 1, intendedAtMs: 4, id: "room/p" },
  ],
  draft: "half",
  answer: "whole",
  answerRole: "notice",
};
const recollection: Recollection = {
  version: 1,
  conversation: key,
  chapter: 2,
  messages: [],
  leftOut: 3,
  speakers: [{ id: "ada", label: "Ada" }],
  lastTurn: "t1",
};

/** What every journal must do. */
export function journalContract(open: () => Promise<Opened>): void {
  const signal = AbortSignal.timeout(60_000);

  test("hands the running turn, whole, to whoever takes the conversation over", async () => {
    await using stores = await open();
    const first = await stores.journal.take(key, signal);
    expect(first.turn).toBeUndefined();
    await stores.journal.note(first.lease, turn, signal);
    expect((await stores.journal.take(key, signal)).turn).toEqual(turn);
  });

  test("refuses every write of a lease that was taken over", async () => {
    await using stores = await open();
    const old = await stores.journal.take(key, signal);
    const current = await stores.journal.take(key, signal);
    await expect(stores.journal.assertCurrent(old.lease, signal)).rejects.toThrow(StaleLeaseError);
    await expect(stores.journal.note(old.lease, turn, signal)).rejects.toThrow(StaleLeaseError);
    await expect(
      stores.journal.finish(old.lease, { covers: [], posts: [], recollection }, signal),
    ).rejects.toThrow(StaleLeaseError);
    expect((await stores.memory.recall(key, signal)).recollection).toBeUndefined();
    await stores.journal.assertCurrent(current.lease, signal);
  });

  test("finishes in one write: memory, inbox, journal, and where our posts are", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "one"), 1, signal);
    await stores.inbox.accept(said("b", "two"), 2, signal);
    await stores.inbox.postpone(key, 1_000, signal);
    const { lease } = await stores.journal.take(key, signal);
    await stores.journal.note(lease, turn, signal);
    const [first] = await stores.inbox.waiting(key, signal);
    await stores.journal.finish(
      lease,
      { covers: [first?.seq ?? 0], posts: ["room/post-1", "post-2"], recollection, title: "new title" },
      signal,
    );
    expect((await stores.memory.recall(key, signal)).recollection).toEqual(recollection);
    expect((await stores.inbox.waiting(key, signal)).map(({ inbound }) => inbound)).toMatchObject([
      { message: { id: "b" } },
    ]);
    expect((await stores.journal.take(key, signal)).turn).toBeUndefined();
    expect(await stores.directory.locate("fake", "room", "post-1", signal)).toBe(key);
    expect(await stores.directory.locate("fake", "room", "post-2", signal)).toBe(key);
    expect(await stores.directory.recent("fake", "room", 1, signal)).toMatchObject([{ title: "new title" }]);
    expect(await stores.inbox.due(500, signal)).toEqual([key]);
  });

  test("erases everything of a conversation but what waits after the erasure", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "secret"), 1, signal);
    await stores.inbox.accept(said("b", "later"), 2, signal);
    const { lease } = await stores.journal.take(key, signal);
    const [first] = await stores.inbox.waiting(key, signal);
    await stores.journal.finish(lease, { covers: [], posts: ["room/p1"], recollection }, signal);
    await stores.journal.finish(lease, { covers: [first?.seq ?? 0], posts: [], erase: true }, signal);
    expect((await stores.memory.recall(key, signal)).recollection).toBeUndefined();
    expect(await stores.directory.locate("fake", "room", "p1", signal)).toBeUndefined();
    expect(await stores.directory.recent("fake", "room", 1, signal)).toMatchObject([{ title: "" }]);
    expect(await stores.inbox.waiting(key, signal)).toHaveLength(1);
    await stores.journal.finish(lease, { covers: [(first?.seq ?? 0) + 1], posts: [], erase: true }, signal);
    expect(await stores.directory.recent("fake", "room", 1, signal)).toEqual([]);
  });
}
