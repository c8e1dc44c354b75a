import { expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import { coversEntry, type Turn } from "../../src/domain/turn.ts";
import type { DeadLetters } from "../../src/ports/dead-letters.ts";
import { StaleLeaseError } from "../../src/ports/journal.ts";
import type { Eviction } from "../../src/ports/eviction.ts";
import type { ErasureRequests } from "../../src/ports/erasure-requests.ts";
import type { Memory } from "../../src/ports/memory.ts";
import type { ArchivedMarks } from "../../src/ports/archived-marks.ts";
import type { Outbox } from "../../src/ports/outbox.ts";
import { edited, said } from "../support/core/inbounds.ts";
import type { HotStores } from "./inbox-contract.ts";
import { memoryOf } from "../support/core/memory-of.ts";
import { evictionContract } from "./eviction-contract.ts";
import { erasureContract } from "./erasure-contract.ts";
import { archivedMarksContract } from "./archived-marks-contract.ts";
import { outboxContract } from "./outbox-contract.ts";
import { pagedMemoryContract } from "./paged-memory-contract.ts";

export interface JournalStores extends HotStores {
  readonly memories: Memory;
  readonly deadLetters: DeadLetters;
  readonly outbox: Outbox;
  /** Returns a function that restores the present state, as a store does that loses its last second. */
  readonly remember: () => Promise<() => Promise<void>>;
  /** Converts a conversation's inbox entries and running turn to format 2. */
  readonly toFormat2: (conversation: ConversationKey) => Promise<void>;
  readonly archivedMarks: ArchivedMarks;
  readonly eviction: Eviction;
  readonly erasureRequests: ErasureRequests;
  /** Overwrites a conversation's memory with any bytes. */
  readonly breakMemory: (conversation: ConversationKey, bytes: Uint8Array) => Promise<unknown>;
  /** Removes a conversation's memory and nothing else. */
  readonly loseMemory: (conversation: ConversationKey) => Promise<unknown>;
  /** All records of working memory, by Keyv's keys. */
  readonly memoryRecords: () => Promise<ReadonlyMap<string, string>>;
  /** What another process opens over the same data. */
  readonly another: () => Promise<Pick<JournalStores, "journal" | "memories"> & AsyncDisposable>;
  /** The quarantined bytes under a reference. */
  readonly foundAside: (reference: string) => Promise<Buffer | undefined>;
}

type Opened = JournalStores & AsyncDisposable;

const key = "fake:room:1";
const turn: Turn = {
  id: "t1",
  conversation: key,
  attempt: 1,
  covers: ["1"],
  replyTo: { platform: "fake", target: { room: "1" }, expiresAtMs: 9 },
  posts: [
    { part: 0, intendedAtMs: 3 },
    { part: 1, intendedAtMs: 4, id: "room/p" },
  ],
  draft: "half",
  answer: "whole",
  answerRole: "notice",
  sources: [{ conversation: "fake:room:2", message: "m7", permalink: "https://example.com/m7" }],
};
const memory = memoryOf(key, { chapter: 2, leftOut: 3, speakers: [{ id: "ada", label: "Ada" }] });

/** The contract of every journal. */
export function journalContract(open: () => Promise<Opened>): void {
  const { signal } = new AbortController();

  test("hands the running turn, complete, to the next claim", async () => {
    await using stores = await open();
    const first = await stores.journal.claim(key, "w", signal);
    expect(first.turn).toBeUndefined();
    await stores.journal.save(first.lease, turn, signal);
    expect((await stores.journal.claim(key, "w", signal)).turn).toEqual(turn);
  });

  test("refuses every write of an old lease", async () => {
    await using stores = await open();
    const old = await stores.journal.claim(key, "w", signal);
    const current = await stores.journal.claim(key, "w", signal);
    await expect(stores.journal.assertCurrent(old.lease, signal)).rejects.toThrow(StaleLeaseError);
    await expect(stores.journal.save(old.lease, turn, signal)).rejects.toThrow(StaleLeaseError);
    await expect(stores.journal.finish(old.lease, { covers: [], posts: [], memory }, signal)).rejects.toThrow(
      StaleLeaseError,
    );
    expect((await stores.memories.read(key, signal)).memory).toBeUndefined();
    await stores.journal.assertCurrent(current.lease, signal);
  });

  test("tells after a finish whether entries still wait", async () => {
    await using stores = await open();
    const { inbox, journal } = stores;
    for (const id of ["m1", "m2"]) await inbox.accept(said(id, "hello"), 1, signal);
    const { lease } = await journal.claim(key, "w", signal);
    const [first, second] = (await inbox.waiting(key, signal)).map(({ id }) => id);
    const leaves = { posts: [] };
    expect(await journal.finish(lease, { ...leaves, covers: [first ?? ""] }, signal)).toBe("more");
    expect(await journal.finish(lease, { ...leaves, covers: [second ?? ""], memory }, signal)).toBe("rest");
  });

  test("tells which entries came after a claim, however many wait", async () => {
    await using stores = await open();
    const { inbox, journal } = stores;
    expect((await journal.claim(key, "w", signal)).newestSeq).toBe(0);
    for (let index = 0; index < 50; index += 1) await inbox.accept(said(`m${index}`, "hello"), 1, signal);
    const { newestSeq } = await journal.claim(key, "w", signal);
    await inbox.accept(said("later", "hello"), 1, signal);
    const waiting = await inbox.waiting(key, signal, newestSeq);
    expect(waiting.map(({ inbound }) => inbound)).toMatchObject([{ message: { id: "later" } }]);
  });

  test("returns the turn as last saved, to the holder of the lease only", async () => {
    await using stores = await open();
    const old = await stores.journal.claim(key, "w", signal);
    expect(await stores.journal.running(old.lease, signal)).toBeUndefined();
    await stores.journal.save(old.lease, turn, signal);
    expect(await stores.journal.running(old.lease, signal)).toEqual(turn);
    await stores.journal.claim(key, "w", signal);
    await expect(stores.journal.running(old.lease, signal)).rejects.toThrow(StaleLeaseError);
  });

  test("knows whether several people write; apps and people who are only quoted don't count", async () => {
    await using stores = await open();
    const ada = { id: "ada", label: "Ada" };
    const others = [
      { id: "ci", label: "Ci (app)", isApp: true },
      { id: "bo", label: "Bo", isQuoted: true },
    ] as const;
    for (const [speakers, isShared] of [
      [[ada, ...others], false],
      [[ada, ...others, { id: "cy", label: "Cy" }], true],
    ] as const) {
      const { lease } = await stores.journal.claim(key, "w", signal);
      const now = { ...memory, speakers };
      await stores.journal.finish(lease, { covers: [], posts: [], memory: now }, signal);
      expect(await stores.journal.claim(key, "w", signal)).toMatchObject({ isShared });
    }
  });

  test("never reuses the epoch of an erased conversation", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "one"), 1, signal);
    const old = await stores.journal.claim(key, "w", signal);
    const { lease } = await stores.journal.claim(key, "w", signal);
    const covers = (await stores.inbox.waiting(key, signal)).map(({ id }) => id);
    await stores.journal.finish(lease, { covers, posts: [], erase: true }, signal);
    await stores.inbox.accept(said("b", "two"), 2, signal);
    await stores.journal.claim(key, "w", signal);
    await expect(stores.journal.assertCurrent(old.lease, signal)).rejects.toThrow(StaleLeaseError);
  });

  test("protects new entries from an old turn's finish after a store lost its last second", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "kept"), 1, signal);
    const { lease } = await stores.journal.claim(key, "w", signal);
    const goBack = await stores.remember();
    await stores.inbox.accept(said("b", "of the lost second"), 2, signal);
    const before = await stores.inbox.waiting(key, signal);
    await goBack();
    await stores.inbox.accept(said("c", "since then"), 3, signal);
    const since = await stores.inbox.waiting(key, signal);
    expect(since.map(({ seq }) => seq)).toEqual(before.map(({ seq }) => seq));
    await stores.journal.finish(lease, { covers: before.map(({ id }) => id), posts: [] }, signal);
    const left = await stores.inbox.waiting(key, signal);
    expect(left.map(({ inbound }) => inbound)).toMatchObject([{ message: { id: "c" } }]);
  });

  test("refuses a lease of the lost second, even if its epoch is assigned again", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "one"), 1, signal);
    const goBack = await stores.remember();
    const { lease: old } = await stores.journal.claim(key, "w", signal);
    await goBack();
    await expect(stores.journal.assertCurrent(old, signal)).rejects.toThrow(StaleLeaseError);
    const { lease } = await stores.journal.claim(key, "w", signal);
    expect(lease.epoch).toBe(old.epoch);
    const covers = (await stores.inbox.waiting(key, signal)).map(({ id }) => id);
    await expect(stores.journal.assertCurrent(old, signal)).rejects.toThrow(StaleLeaseError);
    await expect(stores.journal.save(old, turn, signal)).rejects.toThrow(StaleLeaseError);
    await expect(stores.journal.finish(old, { covers, posts: [] }, signal)).rejects.toThrow(StaleLeaseError);
    expect(await stores.inbox.waiting(key, signal)).toHaveLength(1);
    await stores.journal.assertCurrent(lease, signal);
  });

  test("finishes a turn of format 2, whose entries have only numbers", async () => {
    await using stores = await open();
    for (const id of ["a", "b"]) await stores.inbox.accept(said(id, id), 1, signal);
    const [first] = await stores.inbox.waiting(key, signal);
    const { lease: old } = await stores.journal.claim(key, "w", signal);
    await stores.journal.save(old, { ...turn, covers: [first?.id ?? ""], told: [first?.id ?? ""] }, signal);
    await stores.toFormat2(key);
    const { lease, turn: left } = await stores.journal.claim(key, "w", signal);
    const waiting = await stores.inbox.waiting(key, signal);
    expect(waiting.map(({ inbound }) => inbound)).toMatchObject([{ message: { id: "a" } }, {}]);
    const covered = waiting.filter((entry) => left !== undefined && coversEntry(left, entry));
    expect(covered).toEqual([waiting[0]]);
    expect(left?.told).toEqual([waiting[0]?.id]);
    await stores.journal.finish(lease, { covers: covered.map(({ id }) => id), posts: [] }, signal);
    expect(await stores.inbox.waiting(key, signal)).toEqual([waiting[1]]);
  });

  test("knows which process claimed a conversation and did not release it", async () => {
    await using stores = await open();
    const { journal, inbox } = stores;
    await journal.claim(key, "one", signal);
    expect((await journal.claim(key, "two", signal)).leftBy).toBeUndefined();
    await inbox.accept(said("a", "one"), 1, signal);
    const taken = await journal.claim(key, "one", signal);
    expect(taken.leftBy).toBeUndefined();
    const second = await journal.claim(key, "two", signal);
    expect(second.leftBy).toBe("one");
    await expect(journal.mark(taken.lease, {}, signal)).rejects.toThrow(StaleLeaseError);
    await journal.mark(second.lease, {}, signal);
    const third = await journal.claim(key, "three", signal);
    expect(third.leftBy).toBeUndefined();
    const covers = (await inbox.waiting(key, signal)).map(({ id }) => id);
    await journal.finish(third.lease, { covers, posts: [], memory }, signal);
    await inbox.accept(said("b", "two"), 2, signal);
    expect((await journal.claim(key, "four", signal)).leftBy).toBeUndefined();
  });

  test("keeps a suspicion until the conversation has finished its waiting entries", async () => {
    await using stores = await open();
    const { journal, inbox } = stores;
    for (const id of ["a", "b"]) await inbox.accept(said(id, id), 1, signal);
    const { lease } = await journal.claim(key, "one", signal);
    const suspicion = { cuts: 2, alone: 1, isAlone: true } as const;
    await journal.mark(lease, { worker: "one", suspicion }, signal);
    const second = await journal.claim(key, "two", signal);
    expect(second).toMatchObject({ leftBy: "one", suspicion });
    const [first, last] = (await inbox.waiting(key, signal)).map(({ id }) => id);
    const leaves = { posts: [], memory, suspicion };
    await journal.finish(second.lease, { ...leaves, covers: [first ?? ""] }, signal);
    const third = await journal.claim(key, "two", signal);
    expect(third.suspicion).toEqual(suspicion);
    await journal.finish(third.lease, { ...leaves, covers: [last ?? ""] }, signal);
    expect((await journal.claim(key, "two", signal)).suspicion).toBeUndefined();
  });

  test("does not make a conversation known by claiming it", async () => {
    await using stores = await open();
    await stores.journal.claim(key, "w", signal);
    const overheard = said("a", "hi", { addressing: "open" });
    expect(await stores.inbox.accept(overheard, 1, signal)).toBe("ignored");
    await stores.inbox.accept(said("b", "hello bot"), 2, signal);
    expect(await stores.directory.recent("fake", "room", 9, signal)).toMatchObject([{ conversation: key }]);
  });

  test("keeps a dead letter until the conversation is erased", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "poison"), 1, signal);
    const { lease } = await stores.journal.claim(key, "w", signal);
    const [first] = await stores.inbox.waiting(key, signal);
    const deadLetter = { reference: "r1", why: "failed 5 times" };
    await stores.journal.finish(lease, { covers: [first?.id ?? ""], posts: [], deadLetter }, signal);
    expect(await stores.inbox.waiting(key, signal)).toEqual([]);
    expect(await stores.deadLetters.list(signal)).toMatchObject([
      { ...deadLetter, conversation: key, inbounds: [{ message: { id: "a" } }] },
    ]);
    await stores.journal.finish(lease, { covers: [], posts: [], erase: true }, signal);
    expect(await stores.deadLetters.list(signal)).toEqual([]);
  });

  test("returns a dead letter to its conversation, or drops it, on request", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "one"), 1, signal);
    await stores.inbox.accept(said("b", "two"), 1, signal);
    const { lease } = await stores.journal.claim(key, "w", signal);
    const waiting = await stores.inbox.waiting(key, signal);
    for (const [index, { id }] of waiting.entries()) {
      const deadLetter = { reference: `r${index}`, why: "failed 5 times" };
      await stores.journal.finish(lease, { covers: [id], posts: [], deadLetter }, signal);
    }
    expect(await stores.deadLetters.retry("r1", 9, signal)).toBe(true);
    expect(await stores.deadLetters.drop("r0", signal)).toBe(true);
    expect(await stores.deadLetters.retry("r1", 9, signal)).toBe(false);
    expect(await stores.deadLetters.drop("r0", signal)).toBe(false);
    expect(await stores.deadLetters.list(signal)).toEqual([]);
    expect((await stores.inbox.waiting(key, signal)).map(({ inbound }) => inbound)).toMatchObject([
      { message: { id: "b" } },
    ]);
    expect(await stores.inbox.due(9, signal)).toEqual([key]);
  });

  test("finishes in one write: memory, inbox, journal, and the locations of the bot's posts", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "one"), 1, signal);
    await stores.inbox.accept(said("b", "two"), 2, signal);
    await stores.inbox.postpone(key, 1_000, signal);
    const { lease } = await stores.journal.claim(key, "w", signal);
    await stores.journal.save(lease, turn, signal);
    const [first] = await stores.inbox.waiting(key, signal);
    await stores.journal.finish(
      lease,
      { covers: [first?.id ?? ""], posts: ["room/post-1", "post-2"], memory, title: "new title" },
      signal,
    );
    expect((await stores.memories.read(key, signal)).memory).toEqual(memory);
    expect((await stores.inbox.waiting(key, signal)).map(({ inbound }) => inbound)).toMatchObject([
      { message: { id: "b" } },
    ]);
    expect((await stores.journal.claim(key, "w", signal)).turn).toBeUndefined();
    expect(await stores.directory.locate("fake", "room", "post-1", signal)).toBe(key);
    expect(await stores.directory.locate("fake", "room", "post-2", signal)).toBe(key);
    expect(await stores.directory.recent("fake", "room", 1, signal)).toMatchObject([{ title: "new title" }]);
    expect(await stores.inbox.due(500, signal)).toEqual([key]);
  });

  test("applies changes during a turn", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "hello"), 1, signal);
    await stores.inbox.accept(edited("x", "another text"), 2, signal);
    const [question, edit] = await stores.inbox.waiting(key, signal);
    const { lease } = await stores.journal.claim(key, "w", signal);
    await stores.journal.save(lease, turn, signal);
    const covers = [edit?.id ?? ""];
    await stores.journal.finish(lease, { covers, posts: [], memory, goesOn: true }, signal);
    expect(await stores.inbox.waiting(key, signal)).toEqual([question]);
    expect((await stores.memories.read(key, signal)).memory).toEqual(memory);
    expect((await stores.journal.claim(key, "w", signal)).turn).toEqual(turn);
  });

  test.each([
    ["half a record", Buffer.from('{"value":{"version":2,"conv')],
    ["bytes that are no text", Buffer.from([0x7b, 0xff, 0x00, 0xc3, 0x28, 0x0a, 0xf0])],
    ["no bytes at all", Buffer.alloc(0)],
  ])("quarantines %s, and starts again", async (_name, bytes) => {
    await using stores = await open();
    await stores.breakMemory(key, bytes);
    expect(await stores.memories.read(key, signal)).toEqual({ isUnreadable: true });
    const { lease } = await stores.journal.claim(key, "w", signal);
    await stores.journal.quarantineMemory(lease, "r1", undefined, signal);
    expect(await stores.foundAside("r1")).toEqual(bytes);
    expect(await stores.memories.read(key, signal)).toEqual({});
    await stores.journal.finish(lease, { covers: [], posts: [], memory }, signal);
    expect((await stores.memories.read(key, signal)).memory).toEqual(memory);
    expect(await stores.foundAside("r1")).toEqual(bytes);
  });

  test("replaces a quarantined memory in the same write", async () => {
    await using stores = await open();
    await stores.breakMemory(key, Buffer.from("broken"));
    const { lease } = await stores.journal.claim(key, "w", signal);
    await stores.journal.quarantineMemory(lease, "r1", memory, signal);
    expect(await stores.foundAside("r1")).toEqual(Buffer.from("broken"));
    expect((await stores.memories.read(key, signal)).memory).toEqual(memory);
  });

  test("quarantines nothing on an old lease", async () => {
    await using stores = await open();
    const old = await stores.journal.claim(key, "w", signal);
    const { lease } = await stores.journal.claim(key, "w", signal);
    await stores.journal.finish(lease, { covers: [], posts: [], memory }, signal);
    await expect(stores.journal.quarantineMemory(old.lease, "r1", undefined, signal)).rejects.toThrow(
      StaleLeaseError,
    );
    expect(await stores.foundAside("r1")).toBeUndefined();
    expect((await stores.memories.read(key, signal)).memory).toEqual(memory);
  });

  test("quarantines nothing if there is no memory", async () => {
    await using stores = await open();
    const { lease } = await stores.journal.claim(key, "w", signal);
    await stores.journal.quarantineMemory(lease, "r1", undefined, signal);
    expect(await stores.foundAside("r1")).toBeUndefined();
  });

  pagedMemoryContract(open);
  outboxContract(open);
  archivedMarksContract(open);
  evictionContract(open);
  erasureContract(open);
}
