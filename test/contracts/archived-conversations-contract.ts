import { expect, test } from "vitest";

import type { ConversationHead } from "../../src/domain/archived-conversation.ts";
import type { ConversationKey } from "../../src/domain/conversation.ts";
import type { SyncBatch } from "../../src/domain/archive.ts";
import type { RememberedMessage } from "../../src/domain/conversation-memory.ts";
import type { ArchivedConversations } from "../../src/ports/archived-conversations.ts";
import type { Archive } from "../../src/ports/archive.ts";
import { memoryOf } from "../support/core/memory-of.ts";

type WholeArchive = Archive & ArchivedConversations;

const { signal } = new AbortController();
const key: ConversationKey = "fake:room:1";

function message(ordinal: number, more: Partial<RememberedMessage> = {}): RememberedMessage {
  return {
    id: `m${ordinal}`,
    text: "hello",
    author: { id: "ada", name: "Ada" },
    saidAtMs: 1_000 * ordinal,
    attachments: [],
    role: "person",
    speaker: "Ada",
    tokens: 3,
    chapter: 1,
    answers: [],
    ordinal,
    revision: 1,
    ...more,
  };
}

function batch(messages: readonly RememberedMessage[], more: Partial<SyncBatch> = {}): SyncBatch {
  return { conversation: key, platform: "fake", place: "room", erasures: [], messages, ...more };
}

function headOf(conversation: ConversationKey, more: Parameters<typeof memoryOf>[1] = {}): ConversationHead {
  const speakers = [{ id: "ada", label: "Ada" }];
  const listing = { title: "half \uD83E of a title".toWellFormed(), lastAtMs: 7 };
  return { memory: memoryOf(conversation, { nextOrdinal: 9, speakers, ...more }), listing };
}

/** The contract of ArchivedConversations. */
export function archivedConversationsContract(open: () => Promise<WholeArchive>): void {
  test("knows nothing of a conversation that was never synced", async () => {
    await using archivedConversations = await open();
    expect(await archivedConversations.findConversation(key, signal)).toBeUndefined();
    expect(await archivedConversations.keysAfter("", 9, signal)).toEqual([]);
  });

  test("returns the bounds of a conversation that was synced without a head", async () => {
    await using archivedConversations = await open();
    await archivedConversations.sync(batch([message(1), message(2)]), signal);
    expect(await archivedConversations.findConversation(key, signal)).toEqual({
      nextOrdinal: 3,
      last: { id: "m2", ordinal: 2 },
    });
    const erasures = [{ revision: 2, kind: "all", beforeOrdinal: 12 }] as const;
    await archivedConversations.sync(batch([], { erasures }), signal);
    expect(await archivedConversations.findConversation(key, signal)).toEqual({ nextOrdinal: 12 });
    expect(await archivedConversations.keysAfter("", 9, signal)).toEqual([key]);
    expect(await archivedConversations.keysAfter(key, 9, signal)).toEqual([]);
  });

  test("lists the messages that it refuses as older than an erasure, and no others", async () => {
    await using archivedConversations = await open();
    const erasures = [
      { revision: 2, kind: "all", beforeOrdinal: 5 },
      { revision: 2, kind: "message", message: "m3" },
    ] as const;
    await archivedConversations.sync(batch([], { erasures }), signal);
    const filed = await archivedConversations.sync(batch([message(2), message(3), message(6)]), signal);
    expect(filed).toEqual({ refused: ["m2"], forgotten: [] });
    expect(await archivedConversations.sync(batch([message(6)]), signal)).toEqual({
      refused: [],
      forgotten: [],
    });
  });

  test("keeps the newest head of a conversation, complete", async () => {
    await using archivedConversations = await open();
    const head = headOf(key, { revision: 4, since: 2, chapter: 2, forgottenAtMs: 5 });
    await archivedConversations.sync(batch([message(1)], { head }), signal);
    expect(await archivedConversations.findConversation(key, signal)).toEqual({
      nextOrdinal: 9,
      last: { id: "m1", ordinal: 1 },
      head,
    });
    await archivedConversations.sync(batch([], { head: headOf(key, { revision: 3 }) }), signal);
    expect((await archivedConversations.findConversation(key, signal))?.head).toEqual(head);
    const named = { ...head, listing: { title: "given", isNamed: true, lastAtMs: 8 } } as const;
    await archivedConversations.sync(batch([], { head: named }), signal);
    expect((await archivedConversations.findConversation(key, signal))?.head).toEqual(named);
    // The hot store evicted it while a replica still synced what it had read before.
    await archivedConversations.sync(batch([], { head: { memory: head.memory } }), signal);
    expect((await archivedConversations.findConversation(key, signal))?.head).toEqual(named);
    const { listing: _, ...unlisted } = headOf(key, { revision: 5, speakers: [] });
    await archivedConversations.sync(batch([], { head: unlisted }), signal);
    expect((await archivedConversations.findConversation(key, signal))?.head).toEqual(unlisted);
  });

  test("lists and renames conversations of a place, newest first", async () => {
    await using archivedConversations = await open();
    for (const [index, each] of (["fake:room:1", "fake:room:2", "fake:room:3"] as const).entries()) {
      const { memory } = headOf(each);
      const listing = { title: each, lastAtMs: index };
      await archivedConversations.sync(batch([], { conversation: each, head: { memory, listing } }), signal);
    }
    await archivedConversations.rename("fake:room:2", "Friday", signal);
    expect(await archivedConversations.recent("fake", "room", 2, signal)).toEqual([
      { conversation: "fake:room:3", platform: "fake", place: "room", title: "fake:room:3", lastAtMs: 2 },
      { conversation: "fake:room:2", platform: "fake", place: "room", title: "Friday", lastAtMs: 1 },
    ]);
    expect(
      (await archivedConversations.findConversation("fake:room:2", signal))?.head?.listing?.isNamed,
    ).toBe(true);
    expect(await archivedConversations.recent("fake", "club", 2, signal)).toEqual([]);
  });

  test("returns the conversations of a place that have a message", async () => {
    await using archivedConversations = await open();
    const quoted = { id: "quoted:q" };
    await archivedConversations.sync(batch([message(1, quoted)]), signal);
    await archivedConversations.sync(batch([message(2, quoted)], { conversation: "fake:room:2" }), signal);
    const holding = async (place: string, id: string) =>
      (await archivedConversations.conversationsWith("fake", place, id, signal)).toSorted();
    expect(await holding("room", "quoted:q")).toEqual([key, "fake:room:2"].toSorted());
    expect(await holding("club", "quoted:q")).toEqual([]);
    expect(await holding("room", "q")).toEqual([]);
  });

  test("locates a message, and returns which messages it neither has nor refuses", async () => {
    await using archivedConversations = await open();
    const erasures = [{ revision: 2, kind: "message", message: "m2" }] as const;
    await archivedConversations.sync(batch([message(1)], { erasures }), signal);
    await archivedConversations.eraseAuthor("fake", "bob", 5_000, signal);
    expect(await archivedConversations.locate("fake", "room", "m1", signal)).toBe(key);
    expect(await archivedConversations.locate("fake", "club", "m1", signal)).toBeUndefined();
    const bob = { author: { id: "bob", name: "Bob" } };
    const told = [message(1), message(2), message(3), message(4, bob), message(6, bob)];
    const location = { conversation: key, platform: "fake", place: "room" };
    expect((await archivedConversations.findMissing(location, told, signal)).toSorted()).toEqual([
      "m3",
      "m6",
    ]);
  });

  test("finds where a person is named, even if none of their messages is left", async () => {
    await using archivedConversations = await open();
    await archivedConversations.sync(batch([], { head: headOf(key) }), signal);
    expect(await archivedConversations.locationsOf("fake", "ada", 1, signal)).toEqual([
      { conversation: key, platform: "fake", place: "room" },
    ]);
    await archivedConversations.sync(batch([], { head: headOf(key, { revision: 2, speakers: [] }) }), signal);
    expect(await archivedConversations.locationsOf("fake", "ada", 1, signal)).toEqual([]);
  });
}
