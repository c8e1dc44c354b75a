import { expect, test } from "vitest";

import { backgroundInboxOf, type ConversationKey } from "../../src/domain/conversation.ts";
import type { Inbound } from "../../src/domain/inbound.ts";
import type { Summarized, Titled } from "../../src/domain/own-inbounds.ts";
import type { Finish } from "../../src/ports/journal.ts";
import { command, delegated, edited, said } from "../support/core/inbounds.ts";
import { memoryOf } from "../support/core/memory-of.ts";
import type { JournalStores } from "./journal-contract.ts";

type Opened = JournalStores & AsyncDisposable;

const { signal } = new AbortController();
const key: ConversationKey = "fake:room:1";
const other: ConversationKey = "fake:room:2";
const memory = memoryOf(key, { speakers: [{ id: "ada", label: "Ada" }] });

/** Claims the conversation and finishes everything that waits. */
async function finishAll(
  { journal, inbox }: Opened,
  finish: Partial<Finish>,
  conversation: ConversationKey = key,
): Promise<void> {
  const { lease } = await journal.claim(conversation, "w", signal);
  const covers = (await inbox.waiting(conversation, signal)).map(({ id }) => id);
  await journal.finish(lease, { covers, posts: [], ...finish }, signal);
}

async function giveUp(stores: Opened, reference: string, inbounds: readonly Inbound[]): Promise<void> {
  for (const inbound of inbounds) await stores.inbox.accept(inbound, 1, signal);
  const [first] = inbounds;
  await finishAll(stores, { deadLetter: { reference, why: "failed" } }, first?.conversation);
}

async function setAside(stores: Opened, reference: string, conversation: ConversationKey): Promise<void> {
  await stores.breakMemory(conversation, Buffer.from("broken"));
  const { lease } = await stores.journal.claim(conversation, "w", signal);
  await stores.journal.quarantineMemory(lease, reference, undefined, signal);
}

async function lettersOf({ deadLetters }: Opened): Promise<Readonly<Record<string, readonly string[]>>> {
  const letters = await deadLetters.list(signal);
  return Object.fromEntries(
    letters.map(({ reference, inbounds }) => [reference, inbounds.map(({ dedupeId }) => dedupeId)]),
  );
}

/** The contract of a journal's erasures. */
export function erasureContract(open: () => Promise<Opened>): void {
  test("erases a conversation except for what waits after the erasure", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "secret"), 1, signal);
    await stores.inbox.accept(said("c", "hers", { by: "grace" }), 1, signal);
    await finishAll(stores, { posts: ["room/p1"], memory });
    await stores.inbox.accept(command("forget", "this"), 2, signal);
    await stores.inbox.accept(said("b", "later"), 3, signal);
    const { lease } = await stores.journal.claim(key, "w", signal);
    const [first, second] = await stores.inbox.waiting(key, signal);
    await stores.journal.finish(lease, { covers: [first?.id ?? ""], posts: [], erase: true }, signal);
    const { directory } = stores;
    expect(await stores.memories.read(key, signal)).toEqual({});
    expect(await directory.locate("fake", "room", "p1", signal)).toBeUndefined();
    expect(await directory.locate("fake", "room", "a", signal)).toBeUndefined();
    expect(await directory.locate("fake", "room", "b", signal)).toBe(key);
    expect(await directory.ofAuthor("fake", "grace", 9, signal)).toEqual([]);
    expect(await directory.ofAuthor("fake", "ada", 9, signal)).toMatchObject([{ conversation: key }]);
    expect(await directory.recent("fake", "room", 1, signal)).toMatchObject([{ title: "" }]);
    expect(await stores.outbox.pending(9, signal)).toEqual([]);
    expect(await stores.inbox.waiting(key, signal)).toEqual([second]);
    await stores.journal.finish(lease, { covers: [second?.id ?? ""], posts: [], erase: true }, signal);
    expect(await directory.recent("fake", "room", 1, signal)).toEqual([]);
    expect(await directory.ofAuthor("fake", "ada", 9, signal)).toEqual([]);
    expect(await directory.locate("fake", "room", "b", signal)).toBeUndefined();
  });

  test("keeps a mark of the erasure that only the archive sees", async () => {
    await using stores = await open();
    const { directory, outbox, inbox } = stores;
    await inbox.accept(said("a", "secret"), 1, signal);
    await finishAll(stores, { posts: ["room/p1"], memory });
    await outbox.markSynced(key, 1, signal);
    await inbox.accept(command("forget", "this"), 2, signal);
    const mark = memoryOf(key, { revision: 2, nextOrdinal: 3, forgottenAtMs: 2 });
    await finishAll(stores, { erase: true, memory: mark });
    expect(await stores.memories.read(key, signal)).toEqual({ memory: mark });
    expect(await outbox.pending(9, signal)).toEqual([{ conversation: key, syncedRevision: 1 }]);
    expect(await directory.recent("fake", "room", 9, signal)).toEqual([]);
    expect(await directory.active("fake", 0, signal)).toEqual([]);
    expect(await directory.ofAuthor("fake", "ada", 9, signal)).toEqual([]);
    expect(await directory.locate("fake", "room", "p1", signal)).toBeUndefined();
    await directory.rename(key, "a name", signal);
    expect(await inbox.accept(said("b", "overheard", { addressing: "open" }), 3, signal)).toBe("ignored");
    await outbox.markSynced(key, 2, signal);
    expect(await outbox.pending(9, signal)).toEqual([]);
    expect(await stores.journal.claim(key, "w", signal)).toMatchObject({
      syncedRevision: 2,
      isShared: false,
    });
    expect(await inbox.accept(said("c", "hello bot"), 4, signal)).toBe("stored");
    expect(await directory.recent("fake", "room", 9, signal)).toMatchObject([{ title: "hello bot" }]);
    expect(await stores.memories.read(key, signal)).toEqual({ memory: mark });
  });

  test("removes erased messages from dead letters, and empty dead letters as well", async () => {
    await using stores = await open();
    const keeps = said("b", "half a pair \uD800, and \\ud83d as text");
    const edit = edited("a", "secret, again");
    await giveUp(stores, "mixed", [said("a", "secret"), keeps, edit]);
    await giveUp(stores, "only", [said("c", "secret")]);
    await giveUp(stores, "order", [{ ...command("recall", "secret"), message: "d" }]);
    const elsewhere = said("a", "another's", { conversation: other });
    await giveUp(stores, "other", [elsewhere]);
    await finishAll(stores, { gone: ["a", "c", "d"] });
    expect(await lettersOf(stores)).toEqual({ mixed: [keeps.dedupeId], other: [elsewhere.dedupeId] });
    expect(await stores.deadLetters.retry("mixed", 2, signal)).toBe(true);
    expect((await stores.inbox.waiting(key, signal)).map(({ inbound }) => inbound)).toEqual([keeps]);
  });

  test("removes a conversation's dead letters of delegated commands, and no others", async () => {
    await using stores = await open();
    await giveUp(stores, "beside", [delegated(command("summary", "secret"))]);
    await giveUp(stores, "other", [delegated(command("summary", "", { conversation: other }))]);
    await stores.inbox.accept(said("a", "one"), 1, signal);
    await setAside(stores, "aside", backgroundInboxOf(key));
    await finishAll(stores, { erase: true });
    expect(Object.keys(await lettersOf(stores))).toEqual(["other"]);
    expect(await stores.foundAside("aside")).toBeUndefined();
  });

  test("removes delegated commands in dead letters with the messages that held them", async () => {
    await using stores = await open();
    const written = { ...command("summary", "secret"), message: "a" };
    await giveUp(stores, "written", [delegated(written)]);
    await giveUp(stores, "other", [delegated({ ...written, message: "b" })]);
    await finishAll(stores, { gone: ["a"] });
    expect(Object.keys(await lettersOf(stores))).toEqual(["other"]);
  });

  test("drops a conversation's dead letters and those of its delegated commands, up to a time", async () => {
    await using stores = await open();
    await giveUp(stores, "main", [said("a", "secret")]);
    await giveUp(stores, "beside", [delegated(command("summary"))]);
    await giveUp(stores, "other", [said("b", "kept", { conversation: other })]);
    const before = await stores.deadLetters.list(signal);
    const firstMs = Math.min(...before.map(({ atMs }) => atMs));
    await stores.deadLetters.dropConversation(key, firstMs - 1, signal);
    expect(await stores.deadLetters.list(signal)).toEqual(before);
    await stores.deadLetters.dropConversation(key, Number.MAX_SAFE_INTEGER, signal);
    expect(Object.keys(await lettersOf(stores))).toEqual(["other"]);
  });

  test("removes changed messages from dead letters, and still finds them", async () => {
    await using stores = await open();
    const keeps = said("b", "kept");
    await giveUp(stores, "mixed", [said("a", "secret"), keeps]);
    await setAside(stores, "aside", key);
    await finishAll(stores, { changed: ["a"] });
    expect(await lettersOf(stores)).toEqual({ mixed: [keeps.dedupeId] });
    expect(await stores.foundAside("aside")).toBeUndefined();
    expect(await stores.directory.locate("fake", "room", "a", signal)).toBe(key);
  });

  test("keeps dead letters without an erased message", async () => {
    await using stores = await open();
    const reset = command("reset");
    const kept = [said("a", "one"), said("b", "two"), reset];
    await giveUp(stores, "r1", kept);
    await finishAll(stores, { gone: ["x"] });
    expect(await lettersOf(stores)).toEqual({ r1: kept.map(({ dedupeId }) => dedupeId) });
  });

  test("removes summaries and titles from dead letters, since they may quote anything", async () => {
    await using stores = await open();
    const folded: Summarized = {
      kind: "folded",
      conversation: key,
      platform: "fake",
      place: "room",
      dedupeId: "fold",
      base: 0,
      summary: { lines: [], upTo: 1, dropped: 0, madeAtMs: 1 },
    };
    const { kind: _, base: _base, summary: _summary, ...own } = folded;
    const titled: Titled = {
      ...own,
      kind: "titled",
      dedupeId: "title",
      from: ["a"],
      revision: 1,
      title: "One",
    };
    await giveUp(stores, "r1", [said("a", "one"), folded, titled]);
    await finishAll(stores, { gone: ["x"] });
    expect(Object.values(await lettersOf(stores))).toEqual([[expect.stringMatching(/^fake:/u)]]);
  });

  test("drops the quarantined records of a conversation when a message in it is erased", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "one"), 1, signal);
    await setAside(stores, "r1", key);
    await setAside(stores, "r2", other);
    await finishAll(stores, {});
    expect(await stores.foundAside("r1")).toBeDefined();
    await finishAll(stores, { gone: ["a"] });
    expect(await stores.foundAside("r1")).toBeUndefined();
    expect(await stores.foundAside("r2")).toBeDefined();
  });

  test("no longer finds a quoted message where it is erased, and still does elsewhere", async () => {
    await using stores = await open();
    const { directory, inbox } = stores;
    const quoted = said("q", "quoted").message;
    await inbox.accept(said("a", "one", { quoted }), 1, signal);
    await inbox.accept(said("b", "two", { quoted, conversation: other }), 1, signal);
    await finishAll(stores, { gone: ["quoted:q"] });
    expect(await directory.quoting("fake", "room", "q", signal)).toEqual([other]);
    const { lease } = await stores.journal.claim(other, "w", signal);
    const covers = (await inbox.waiting(other, signal)).map(({ id }) => id);
    await stores.journal.finish(lease, { covers, posts: [], erase: true }, signal);
    expect(await directory.quoting("fake", "room", "q", signal)).toEqual([]);
  });

  test("removes replies to erased messages from dead letters", async () => {
    await using stores = await open();
    const keeps = said("b", "kept", { quoted: said("r", "other").message });
    await giveUp(stores, "mixed", [said("a", "one", { quoted: said("q", "secret").message }), keeps]);
    await finishAll(stores, { gone: ["quoted:q"] });
    expect(await lettersOf(stores)).toEqual({ mixed: [keeps.dedupeId] });
  });

  test("no longer finds erased messages, and still finds all others", async () => {
    await using stores = await open();
    const { directory } = stores;
    await stores.inbox.accept(said("a", "one"), 1, signal);
    await stores.inbox.accept(said("b", "two"), 1, signal);
    await stores.inbox.accept(said("c", "elsewhere", { conversation: other }), 1, signal);
    await finishAll(stores, { posts: ["room/p1", "room/p2"], memory });
    await finishAll(stores, { gone: ["a", "p1", "c", "never heard of"] });
    for (const message of ["a", "p1"]) {
      expect(await directory.locate("fake", "room", message, signal)).toBeUndefined();
    }
    for (const message of ["b", "p2"]) {
      expect(await directory.locate("fake", "room", message, signal)).toBe(key);
    }
    expect(await directory.locate("fake", "room", "c", signal)).toBe(other);
    expect((await stores.memories.read(key, signal)).memory).toEqual(memory);
  });
}
