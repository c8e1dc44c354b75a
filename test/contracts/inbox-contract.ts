import fc from "fast-check";
import { expect, test } from "vitest";

import type { Directory } from "../../src/ports/directory.ts";
import type { Inbox } from "../../src/ports/inbox.ts";
import type { Journal } from "../../src/ports/journal.ts";
import type { Inbound } from "../../src/domain/inbound.ts";
import type {
  Announced,
  Expired,
  Summarized,
  AuthorErased,
  Reasked,
  Retracted,
  Titled,
} from "../../src/domain/own-inbounds.ts";
import { command, deleted, edited, removed, said, stopped } from "../support/core/inbounds.ts";
import { memoryOf } from "../support/core/memory-of.ts";
import { anySummary } from "./any-memory.ts";

export interface HotStores {
  readonly inbox: Inbox;
  readonly journal: Journal;
  readonly directory: Directory;
}

type Opened = HotStores & AsyncDisposable;

const own = { conversation: "fake:room:1", platform: "fake", place: "room" } as const;
/** An inbound of the bot's own. */
const retracted: Retracted = { ...own, kind: "retracted", dedupeId: "r", message: "p1", posts: ["room/p1"] };
const forgot: AuthorErased = {
  ...own,
  kind: "forgot",
  dedupeId: "f",
  forgetting: "f1",
  author: "ada",
  beforeMs: 9,
};
const expired: Expired = { ...own, kind: "expired", dedupeId: "e", beforeMs: 9 };
const folded: Summarized = {
  ...own,
  kind: "folded",
  dedupeId: "s",
  base: 3,
  summary: {
    lines: [
      { text: "They agreed.", cites: [{ message: "a", ordinal: 1, saidAtMs: 2 }], tokens: 4, isPinned: true },
    ],
    upTo: 2,
    dropped: 0,
    madeAtMs: 5,
  },
};
const titled: Titled = {
  ...own,
  kind: "titled",
  dedupeId: "t",
  from: ["a", "p2"],
  revision: 3,
  title: "Rain in May",
};
const reasked: Reasked = {
  ...own,
  kind: "reasked",
  dedupeId: "again",
  message: "a",
  author: { id: "ada", name: "Ada" },
  reply: "p1",
  posts: ["room/p1"],
  answers: ["a"],
  replyTo: { platform: "fake", target: {} },
};
const announced: Announced = {
  ...own,
  kind: "announced",
  dedupeId: "told",
  message: "p2",
  text: "A summary",
  posts: ["room/p2"],
  sources: [{ conversation: "fake:room:1", message: "a" }],
  atMs: 5,
};
const toItself: readonly Inbound[] = [announced, reasked, retracted, forgot, expired, folded, titled];

/** The contract of inbox and directory. */
export function inboxContract(open: () => Promise<Opened>): void {
  const { signal } = new AbortController();
  const key = "fake:room:1";

  test("returns accepted entries in the order of acceptance", async () => {
    await using stores = await open();
    const inbounds = [
      said("a", "one"),
      command("summary", "share"),
      { ...command("reset"), message: "m1" },
      said("b", "two"),
      stopped(),
      removed("x"),
      deleted("y"),
      { ...own, kind: "unplaced", dedupeId: "u", message: "z", change: edited("z", "there") } as const,
      ...toItself,
    ];
    for (const inbound of inbounds) await stores.inbox.accept(inbound, 5, signal);
    const waiting = await stores.inbox.waiting(key, signal);
    expect(waiting.map((entry) => entry.inbound)).toEqual(inbounds);
    expect(waiting.map((entry) => entry.acceptedAtMs)).toEqual(inbounds.map(() => 5));
  });

  test("returns no more characters at once than a turn can use, and one message of any length", async () => {
    await using stores = await open();
    const text = "x".repeat(99_000);
    for (let count = 0; count < 40; count += 1)
      await stores.inbox.accept(said(`m${count}`, text), count, signal);
    const waiting = await stores.inbox.waiting(key, signal);
    expect(waiting.length).toBeGreaterThan(5);
    expect(waiting.length).toBeLessThan(30);
    expect(waiting.map(({ acceptedAtMs }) => acceptedAtMs)).toEqual([...waiting.keys()]);
    const alone = { ...said("long", "x".repeat(3_000_000)), conversation: "fake:room:2" } as const;
    await stores.inbox.accept(alone, 50, signal);
    expect(await stores.inbox.waiting(alone.conversation, signal)).toHaveLength(1);
  });

  test("returns what waits behind a batch when it is asked for that", async () => {
    await using stores = await open();
    for (let count = 0; count < 450; count += 1)
      await stores.inbox.accept(said(`m${count}`, "text"), count, signal);
    const times: number[] = [];
    for (let after: number | undefined; ;) {
      const batch = await stores.inbox.waiting(key, signal, after);
      if (batch.length === 0) break;
      times.push(...batch.map(({ acceptedAtMs }) => acceptedAtMs));
      after = batch.at(-1)?.seq;
    }
    expect(times).toEqual([...times.keys()]);
    expect(times).toHaveLength(450);
  });

  test("stores the same event once", async () => {
    await using stores = await open();
    const event = said("a", "one");
    expect(await stores.inbox.accept(event, 1, signal)).toBe("stored");
    expect(
      await stores.inbox.accept({ ...event, message: { ...event.message, text: "other" } }, 2, signal),
    ).toBe("duplicate");
    expect(await stores.inbox.waiting(key, signal)).toHaveLength(1);
  });

  test.each([
    ["where the conversation is known", true],
    ["where it is not", false],
  ])("refuses a message whose deletion came first, %s", async (_name, isKnown) => {
    await using stores = await open();
    if (isKnown) await stores.inbox.accept(said("a", "hello bot"), 1, signal);
    const late = said("late", "a secret");
    const order = { ...command("reset"), message: "order" };
    const one = { ...deleted("late"), dedupeId: `${late.dedupeId}:delete` };
    const other = { ...deleted("order"), dedupeId: `${order.dedupeId}:delete` };
    for (const deletion of [one, other])
      expect(await stores.inbox.accept(deletion, 2, signal)).toBe(isKnown ? "stored" : "ignored");
    expect(await stores.inbox.isMarked(`gone ${one.dedupeId}`, signal)).toBe(true);
    expect(await stores.inbox.accept(late, 3, signal)).toBe("duplicate");
    expect(await stores.inbox.accept(order, 3, signal)).toBe("duplicate");
    // The caller asked the archive meanwhile.
    expect(await stores.inbox.accept(one, 4, signal, true)).toBe(isKnown ? "duplicate" : "stored");
    const waiting = await stores.inbox.waiting(key, signal);
    expect(waiting.map(({ inbound }) => inbound.kind)).toEqual(
      isKnown ? ["said", "deleted", "deleted"] : ["deleted"],
    );
    const spared = said("other", "hello");
    expect(await stores.inbox.isMarked(`gone ${spared.dedupeId}:delete`, signal)).toBe(false);
    expect(await stores.inbox.accept(spared, 5, signal)).toBe("stored");
    expect(await stores.inbox.isMarked(`gone ${spared.dedupeId}:delete`, signal)).toBe(false);
  });

  test("forgets dedupe marks after a day, not before", async () => {
    await using stores = await open();
    const event = said("a", "one");
    await stores.inbox.accept(event, 1_000, signal);
    await stores.inbox.dropDedupeMarks(1_000, signal);
    expect(await stores.inbox.accept(event, 2_000, signal)).toBe("duplicate");
    await stores.inbox.dropDedupeMarks(1_001, signal);
    expect(await stores.inbox.accept(event, 3_000, signal)).toBe("stored");
  });

  test("drops messages to other people in an unknown conversation, and stores no part of them", async () => {
    await using stores = await open();
    const open1 = said("a", "hi", { addressing: "open" });
    for (const inbound of [
      open1,
      said("b", "x", { addressing: "others" }),
      edited("a", "y"),
      deleted("a"),
      stopped(),
      ...toItself,
    ]) {
      expect(await stores.inbox.accept(inbound, 1, signal)).toBe("ignored");
    }
    expect(await stores.directory.recent("fake", "room", 10, signal)).toEqual([]);
    await stores.inbox.accept(said("c", "hello bot"), 2, signal);
    expect(await stores.inbox.accept(open1, 3, signal)).toBe("stored");
  });

  test("lists the conversations with waiting entries, the longest waiting first", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "1", { conversation: "fake:room:1" }), 1, signal);
    await stores.inbox.accept(said("b", "2", { conversation: "fake:room:2" }), 2, signal);
    await stores.inbox.accept(said("c", "3", { conversation: "fake:room:1" }), 3, signal);
    expect(await stores.inbox.due(10, signal)).toEqual(["fake:room:1", "fake:room:2"]);
    await stores.inbox.postpone("fake:room:1", 50, signal);
    expect(await stores.inbox.due(49, signal)).toEqual(["fake:room:2"]);
    expect(await stores.inbox.due(50, signal)).toEqual(["fake:room:1", "fake:room:2"]);
  });

  test("postpones no conversation for a day because the clock was set back by one", async () => {
    await using stores = await open();
    const dayMs = 86_400_000;
    await stores.inbox.accept(said("a", "1"), dayMs, signal);
    await stores.inbox.postpone(key, dayMs + 30_000, signal);
    expect(await stores.inbox.due(dayMs, signal)).toEqual([]);
    expect(await stores.inbox.due(1_000, signal)).toEqual([key]);
  });

  test("recognises an event again after the clock was set", async () => {
    await using stores = await open();
    const event = said("a", "once");
    for (const nowMs of [50_000_000, 1_000, 90_000_000]) {
      await stores.inbox.dropDedupeMarks(nowMs - 86_400_000, signal);
      await stores.inbox.accept(event, nowMs, signal);
    }
    expect(await stores.inbox.waiting(key, signal)).toHaveLength(1);
  });

  test("lists conversations by place, newest first, titled by the first message", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "Plan the\n party", { conversation: "fake:room:1" }), 1, signal);
    await stores.inbox.accept(said("b", "Fix the roof", { conversation: "fake:room:2" }), 2, signal);
    await stores.inbox.accept(said("c", "and the cake?", { conversation: "fake:room:1" }), 3, signal);
    expect(await stores.directory.recent("fake", "room", 10, signal)).toMatchObject([
      { conversation: "fake:room:1", title: "Plan the", lastAtMs: 3 },
      { conversation: "fake:room:2", title: "Fix the roof", lastAtMs: 2 },
    ]);
    expect(await stores.directory.recent("fake", "room", 1, signal)).toHaveLength(1);
    expect(await stores.directory.recent("fake", "elsewhere", 9, signal)).toEqual([]);
  });

  test("lists the newest of several conversations that people write in by turns", async () => {
    await using stores = await open();
    const { inbox, directory } = stores;
    const minuteMs = 60_000;
    const times = [minuteMs, minuteMs + 1, 2 * minuteMs - 1, 2 * minuteMs, 2 * minuteMs + 1];
    for (const [index, nowMs] of times.entries()) {
      const conversation = index % 2 === 0 ? "fake:room:1" : "fake:room:2";
      await inbox.accept(said(`m${index}`, "words", { conversation }), nowMs, signal);
      const lastAtMs = index === 0 ? undefined : times[index - 1];
      const newest = await directory.recent("fake", "room", 1, signal);
      expect(newest).toMatchObject([{ conversation, lastAtMs: nowMs }]);
      const both = await directory.recent("fake", "room", 2, signal);
      expect(both.map((each) => each.lastAtMs)).toEqual(lastAtMs === undefined ? [nowMs] : [nowMs, lastAtMs]);
      expect(await directory.active("fake", nowMs, signal)).toMatchObject([{ conversation }]);
      expect(await directory.active("fake", nowMs + 1, signal)).toEqual([]);
    }
  });

  test("keeps a person's title, whatever is accepted or finished later", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "first words"), 1, signal);
    await stores.directory.rename(key, "Party", signal);
    await stores.inbox.accept(said("b", "more"), 2, signal);
    const { lease } = await stores.journal.claim(key, "w", signal);
    await stores.journal.finish(lease, { covers: [], posts: [], title: "derived" }, signal);
    expect(await stores.directory.recent("fake", "room", 1, signal)).toMatchObject([{ title: "Party" }]);
  });

  test.each([{ title: "derived" }, {}])("drops the title that an erased person gave: %j", async (given) => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "first words"), 1, signal);
    await stores.directory.rename(key, "Party", signal);
    const { lease } = await stores.journal.claim(key, "w", signal);
    await stores.journal.finish(lease, { covers: [], posts: [], isUnnamed: true, ...given }, signal);
    const { title = "" } = given;
    expect(await stores.directory.entry(key, signal)).toMatchObject({ title });
    // From now on the title follows the messages.
    await stores.journal.finish(lease, { covers: [], posts: [], isUnnamed: true }, signal);
    expect(await stores.directory.entry(key, signal)).toMatchObject({ title });
    await stores.journal.finish(lease, { covers: [], posts: [], title: "another" }, signal);
    expect(await stores.directory.entry(key, signal)).toMatchObject({ title: "another" });
  });

  test("finds a conversation by its key, and none that is not listed", async () => {
    await using stores = await open();
    expect(await stores.directory.entry(key, signal)).toBeUndefined();
    await stores.inbox.accept(said("a", "first words"), 7, signal);
    expect(await stores.directory.entry(key, signal)).toEqual(
      (await stores.directory.recent("fake", "room", 1, signal))[0],
    );
    const { lease } = await stores.journal.claim(key, "w", signal);
    const covers = (await stores.inbox.waiting(key, signal)).map(({ id }) => id);
    await stores.journal.finish(lease, { covers, posts: [], erase: true, memory: memoryOf(key, {}) }, signal);
    expect(await stores.directory.entry(key, signal)).toBeUndefined();
  });

  test("lists the conversations active since a time, newest first, with the last message", async () => {
    await using stores = await open();
    const { inbox, directory } = stores;
    await inbox.accept(said("a", "old", { conversation: "fake:room:1" }), 1, signal);
    await inbox.accept(said("b", "new", { conversation: "fake:room:2" }), 2, signal);
    await inbox.accept(edited("b", "newer", { conversation: "fake:room:2" }), 3, signal);
    await inbox.accept(command("reset", "", { conversation: "fake:room:3" }), 4, signal);
    expect(await directory.active("fake", 2, signal)).toEqual([
      { conversation: "fake:room:3", place: "room" },
      { conversation: "fake:room:2", place: "room", lastMessage: "b" },
    ]);
    expect(await directory.active("other", 0, signal)).toEqual([]);
  });

  test("finds the conversation of a message", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "one"), 1, signal);
    expect(await stores.directory.locate("fake", "room", "a", signal)).toBe(key);
    expect(await stores.directory.locate("fake", "other", "a", signal)).toBeUndefined();
    expect(await stores.directory.locate("fake", "room", "b", signal)).toBeUndefined();
  });

  test("finds the conversations that quote a message, even if it is in none", async () => {
    await using stores = await open();
    const { inbox, directory } = stores;
    const quoted = said("q", "quoted").message;
    await inbox.accept(said("a", "one", { quoted }), 1, signal);
    await inbox.accept(said("b", "two", { quoted, conversation: "fake:room:2" }), 2, signal);
    await inbox.accept(said("c", "three", { quoted }), 3, signal);
    expect((await directory.quoting("fake", "room", "q", signal)).toSorted()).toEqual([key, "fake:room:2"]);
    expect(await directory.quoting("fake", "club", "q", signal)).toEqual([]);
    expect(await directory.quoting("fake", "room", "a", signal)).toEqual([]);
    expect(await directory.locate("fake", "room", "q", signal)).toBeUndefined();
    const [entry] = await inbox.waiting(key, signal);
    expect(entry?.inbound).toMatchObject({ message: { inReplyTo: "q", quoted } });
  });

  test("finds the conversation of a command that was written as a message", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "one"), 1, signal);
    await stores.inbox.accept({ ...command("reset"), message: "m1" }, 2, signal);
    expect(await stores.directory.locate("fake", "room", "m1", signal)).toBe(key);
    expect(await stores.directory.active("fake", 0, signal)).toMatchObject([{ lastMessage: "a" }]);
  });

  test("keeps the bot's own inbounds out of the lists that people see", async () => {
    await using stores = await open();
    const { inbox, directory } = stores;
    await inbox.accept(said("a", "older"), 1, signal);
    await inbox.accept(said("b", "newer", { conversation: "fake:room:2" }), 2, signal);
    for (const inbound of toItself) expect(await inbox.accept(inbound, 3, signal)).toBe("stored");
    for (const inbound of toItself) expect(await inbox.accept(inbound, 4, signal)).toBe("duplicate");
    expect(await directory.recent("fake", "room", 9, signal)).toEqual([
      { conversation: "fake:room:2", platform: "fake", place: "room", title: "newer", lastAtMs: 2 },
      { conversation: key, platform: "fake", place: "room", title: "older", lastAtMs: 1 },
    ]);
    expect(await directory.active("fake", 0, signal)).toEqual([
      { conversation: "fake:room:2", place: "room", lastMessage: "b" },
      { conversation: key, place: "room", lastMessage: "a" },
    ]);
    expect(await inbox.due(5, signal)).toEqual([key, "fake:room:2"]);
  });

  test("keeps a conversation's place when the bot's own inbound has none", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "one"), 1, signal);
    await stores.inbox.accept({ ...expired, platform: "", place: "" }, 2, signal);
    expect(await stores.directory.recent("fake", "room", 9, signal)).toMatchObject([{ conversation: key }]);
    expect(await stores.inbox.waiting(key, signal)).toHaveLength(2);
  });

  test("returns any summary", async () => {
    await using stores = await open();
    await stores.inbox.accept(said("a", "one"), 1, signal);
    let count = 0;
    await fc.assert(
      fc.asyncProperty(anySummary, async (summary) => {
        const inbound = { ...folded, dedupeId: `fold ${(count += 1)}`, summary };
        await stores.inbox.accept(inbound, 2, signal);
        expect((await stores.inbox.waiting(key, signal)).at(-1)?.inbound).toStrictEqual(inbound);
      }),
      { numRuns: 30 },
    );
  });

  test("lists an author's conversations, the newest message first", async () => {
    await using stores = await open();
    const { inbox, directory } = stores;
    await inbox.accept(said("a", "one", { conversation: "fake:room:1" }), 1, signal);
    await inbox.accept(said("b", "two", { conversation: "fake:room:2" }), 2, signal);
    await inbox.accept(command("reset", "", { conversation: "fake:room:3" }), 3, signal);
    await inbox.accept(said("c", "three", { conversation: "fake:room:4", by: "grace" }), 4, signal);
    await inbox.accept(said("d", "again", { conversation: "fake:room:1" }), 5, signal);
    await inbox.accept(said("e", "and Grace", { conversation: "fake:room:2", by: "grace" }), 6, signal);
    expect(await directory.ofAuthor("fake", "ada", 9, signal)).toEqual([
      { conversation: "fake:room:1", platform: "fake", place: "room", title: "one", lastAtMs: 5 },
      { conversation: "fake:room:3", platform: "fake", place: "room", title: "", lastAtMs: 3 },
      { conversation: "fake:room:2", platform: "fake", place: "room", title: "two", lastAtMs: 6 },
    ]);
    expect(await directory.ofAuthor("fake", "ada", 1, signal)).toMatchObject([
      { conversation: "fake:room:1" },
    ]);
    const since = (sinceMs: number, limit = 9) =>
      directory.writtenSince("fake", "ada", { sinceMs, limit }, signal);
    // Others have written in the second conversation since.
    expect(await since(3)).toMatchObject([{ conversation: "fake:room:1" }, { conversation: "fake:room:3" }]);
    expect(await since(3, 1)).toMatchObject([{ conversation: "fake:room:1" }]);
    expect(await since(6)).toEqual([]);
    expect(await directory.ofAuthor("fake", "nobody", 9, signal)).toEqual([]);
    expect(await directory.ofAuthor("other", "ada", 9, signal)).toEqual([]);
  });
}
