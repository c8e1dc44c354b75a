import fc from "fast-check";
import { expect, test } from "vitest";

import { conversationKey, type ConversationKey } from "../../src/domain/conversation.ts";
import type { SyncBatch, ArchivedMessage } from "../../src/domain/archive.ts";
import type { RememberedMessage } from "../../src/domain/conversation-memory.ts";
import type { Archive } from "../../src/ports/archive.ts";
import { anyTelling, play } from "./any-archive-history.ts";

const { signal } = new AbortController();

/** A message by Ada, in revision 1. */
function message(id: string, text: string, more: Partial<RememberedMessage> = {}): RememberedMessage {
  const ordinal = Number(id.replaceAll(/\D/gu, "")) || 1;
  return {
    id,
    text,
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
  return { conversation: "fake:room:1", platform: "fake", place: "room", erasures: [], messages, ...more };
}

const reply = (id: string, text: string, answers: readonly string[], more: Partial<RememberedMessage> = {}) =>
  message(id, text, {
    role: "bot",
    author: { id: "bot", name: "Threadkeeper" },
    speaker: "Threadkeeper",
    answers,
    posts: [`room/${id}`],
    ...more,
  });

const readAll = (
  archive: Archive,
  conversation: ConversationKey = "fake:room:1",
): Promise<readonly ArchivedMessage[]> => archive.read({ conversation, limit: 1_000 }, signal);
const textsOf = (messages: readonly ArchivedMessage[]): readonly string[] => messages.map(({ text }) => text);
const search = async (archive: Archive, words: string, places: readonly string[] = ["room"]) =>
  (await archive.search({ words, platform: "fake", places, limit: 10 }, signal)).messages;

/** Syncs what has no erasures with `syncNew`, as far as that goes. */
function addingFirst(archive: Archive): Archive {
  const sync: Archive["sync"] = async (given, within) => {
    const left = given.erasures.length > 0 || (await archive.syncNew([given], within)).length > 0;
    return left ? archive.sync(given, within) : { refused: [], forgotten: [] };
  };
  return { ...archive, sync };
}

/** The contract of every archive. Each call of `open` returns an empty one. */
export function archiveContract(open: () => Promise<Archive>): void {
  test("returns a message in all its properties, and in order", async () => {
    await using archive = await open();
    const whole = message("m2", "Grüße 👩‍👩‍👧 你好 'quoted' \"too\" <|x|>", {
      attachments: [{ name: "plan.pdf", mediaType: "application/pdf", sizeBytes: 3 }, { name: "bare" }],
      permalink: "https://example.com/p1",
      answers: ["m1"],
      posts: ["C1/1", "C1/2"],
      sources: [{ conversation: "fake:room:2", message: "x", permalink: "https://example.com/x" }],
      role: "bot",
      chapter: 3,
      revision: 7,
      author: { id: "hook", name: "Hook", isApp: true },
      isGivenUp: true,
    });
    await archive.sync(batch([whole]), signal);
    await archive.sync(batch([message("m1", "first")]), signal);
    const { tokens: _, ...kept } = whole;
    const location = { conversation: "fake:room:1", platform: "fake", place: "room" };
    const [first, second] = await readAll(archive);
    expect(first?.text).toBe("first");
    expect(second).toEqual({ ...kept, ...location });
    expect(await archive.find("fake:room:1", "m2", signal)).toEqual({ ...kept, ...location });
    expect(await archive.find("fake:room:2", "m2", signal)).toBeUndefined();
    const { isGivenUp: _given, ...answered } = { ...whole, revision: 8 };
    await archive.sync(batch([answered]), signal);
    expect(await archive.find("fake:room:1", "m2", signal)).not.toHaveProperty("isGivenUp");
  });

  test("outlines the messages that it still has, among any number of others", async () => {
    await using archive = await open();
    await archive.sync(batch([message("m1", "one"), message("m2", "two"), message("m3", "three")]), signal);
    await archive.sync(batch([message("m4", "four")], { conversation: "fake:room:2" }), signal);
    await archive.sync(batch([], { erasures: [{ kind: "message", message: "m2", revision: 2 }] }), signal);
    const unknown = Array.from({ length: 500 }, (_, index) => `unknown ' ${index}`);
    const found = await archive.findOutlines("fake:room:1", ["m3", "m2", "m4", ...unknown, "m1"], signal);
    expect(found.toSorted((a, b) => a.ordinal - b.ordinal)).toEqual([
      { id: "m1", ordinal: 1, author: { id: "ada" } },
      { id: "m3", ordinal: 3, author: { id: "ada" } },
    ]);
    expect(await archive.findOutlines("fake:room:1", [], signal)).toEqual([]);
  });

  test("stores any text", async () => {
    await using archive = await open();
    await archive.sync(batch([message("m1", "a\u0000b\uD800c"), message("m2", "x ".repeat(50_000))]), signal);
    const [odd, long] = await readAll(archive);
    expect(odd?.text).toMatch(/^a.?b.?c$/su);
    expect(long?.text).toHaveLength(100_000);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 60 }), async (words) => {
        await expect(search(archive, words)).resolves.toBeInstanceOf(Array);
      }),
      { numRuns: 30 },
    );
  });

  test("reads a range by order or by time, from either end", async () => {
    await using archive = await open();
    await archive.sync(
      batch(Array.from({ length: 9 }, (_, index) => message(`m${index + 1}`, `${index + 1}`))),
      signal,
    );
    const conversation = "fake:room:1";
    const read = async (range: object) =>
      textsOf(await archive.read({ conversation, limit: 3, ...range }, signal));
    expect(await read({})).toEqual(["1", "2", "3"]);
    expect(await read({ end: "last" })).toEqual(["7", "8", "9"]);
    expect(await read({ fromOrdinal: 4, beforeOrdinal: 6 })).toEqual(["4", "5"]);
    expect(await read({ fromMs: 8_000 })).toEqual(["8", "9"]);
  });

  test("replaces a text only by a newer one, in the search too", async () => {
    await using archive = await open();
    await archive.sync(batch([message("m1", "old words", { revision: 2 })]), signal);
    await archive.sync(batch([message("m1", "older words", { revision: 1 })]), signal);
    expect(textsOf(await readAll(archive))).toEqual(["old words"]);
    await archive.sync(batch([message("m1", "new text", { revision: 3 })]), signal);
    expect(textsOf(await search(archive, "new"))).toEqual(["new text"]);
    expect(await search(archive, "old")).toEqual([]);
  });

  test("never stores an erased message again, whether it was there or not", async () => {
    await using archive = await open();
    const erased = { revision: 5, kind: "message", message: "m1" } as const;
    const late = { revision: 5, kind: "message", message: "m2" } as const;
    await archive.sync(batch([message("m1", "secret one")]), signal);
    await archive.sync(batch([], { erasures: [erased, late] }), signal);
    await archive.sync(
      batch([message("m1", "secret one", { revision: 9 }), message("m2", "secret two")]),
      signal,
    );
    expect(await readAll(archive)).toEqual([]);
    expect(await search(archive, "secret")).toEqual([]);
    expect(await archive.find("fake:room:1", "m1", signal)).toBeUndefined();
  });

  test("erases an author up to an ordinal, with the bot's replies to that author only", async () => {
    await using archive = await open();
    await archive.sync(
      batch([
        message("m1", "ada one"),
        reply("m2", "to ada", ["m1"]),
        message("m3", "bob", { author: { id: "bob", name: "Bob" } }),
        reply("m4", "to both", ["m1", "m3"]),
        message("m5", "ada later"),
      ]),
      signal,
    );
    const erasures = [{ revision: 2, kind: "author", author: "ada", beforeOrdinal: 5 }] as const;
    await archive.sync(batch([], { erasures }), signal);
    expect(textsOf(await readAll(archive))).toEqual(["bob", "to both", "ada later"]);
  });

  test("erases a whole conversation, and refuses older messages", async () => {
    await using archive = await open();
    await archive.sync(batch([message("m1", "one"), message("m2", "two")]), signal);
    await archive.sync(batch([message("m1", "elsewhere")], { conversation: "fake:room:2" }), signal);
    const erasures = [{ revision: 3, kind: "all", beforeOrdinal: 3 }] as const;
    await archive.sync(batch([], { erasures }), signal);
    await archive.sync(batch([message("m2", "two", { revision: 9 }), message("m3", "three")]), signal);
    expect(textsOf(await readAll(archive))).toEqual(["three"]);
    expect(textsOf(await readAll(archive, "fake:room:2"))).toEqual(["elsewhere"]);
  });

  test("finds words and their beginnings, whatever their case and accents, best first", async () => {
    await using archive = await open();
    await archive.sync(
      batch([
        message("m1", "Das Café öffnet um neun"),
        message("m2", "Ticket OPS-4711 goes to Bert"),
        message("m3", "the launches are on Friday"),
        message("m4", "only the launch"),
        message("m5", "launch friday", { role: "notice" }),
      ]),
      signal,
    );
    expect(textsOf(await search(archive, "CAFE offnet"))).toEqual(["Das Café öffnet um neun"]);
    expect(textsOf(await search(archive, "OPS-4711"))).toEqual(["Ticket OPS-4711 goes to Bert"]);
    expect(textsOf(await search(archive, "launch friday"))).toEqual(["the launches are on Friday"]);
    // No message has all of them.
    expect(textsOf(await search(archive, "launch friday zebra"))).toEqual(["the launches are on Friday"]);
    expect(await search(archive, "zebra")).toEqual([]);
    expect(await search(archive, "  ")).toEqual([]);
  });

  test("treats words as words, never as an operator", async () => {
    await using archive = await open();
    await archive.sync(batch([message("m1", "this or that"), message("m2", "near and far")]), signal);
    for (const words of ['" OR "', "*", "NOT this", "a:b", "(near", "'; DROP TABLE message; --", "&|!<->"]) {
      await expect(search(archive, words)).resolves.toBeInstanceOf(Array);
    }
    expect(textsOf(await search(archive, "this OR far"))).toEqual(["this or that"]);
  });

  test("searches only the given places, and lists the places with messages", async () => {
    await using archive = await open();
    await archive.sync(batch([message("m1", "zebra here")]), signal);
    await archive.sync(
      batch([message("m1", "zebra there")], { conversation: "fake:club:1", place: "club" }),
      signal,
    );
    await archive.sync(
      batch([message("m1", "zebra far")], { conversation: "other:x:1", platform: "other" }),
      signal,
    );
    expect((await archive.places("fake", 9, signal)).toSorted()).toEqual(["club", "room"]);
    expect(await archive.places("fake", 1, signal)).toHaveLength(1);
    expect(await archive.places("nowhere", 9, signal)).toEqual([]);
    expect(textsOf(await search(archive, "zebra", ["room"]))).toEqual(["zebra here"]);
    expect(await search(archive, "zebra", [])).toEqual([]);
    expect(textsOf(await search(archive, "zebra", ["room", "club"])).toSorted()).toEqual([
      "zebra here",
      "zebra there",
    ]);
  });

  test("searches one conversation, from a chapter on", async () => {
    await using archive = await open();
    await archive.sync(
      batch([message("m1", "zebra old"), message("m2", "zebra new", { chapter: 2 })]),
      signal,
    );
    const within = { conversation: "fake:room:1", since: 2 } as const;
    const found = await archive.search(
      { words: "zebra", platform: "fake", places: ["room"], within, limit: 9 },
      signal,
    );
    expect(textsOf(found.messages)).toEqual(["zebra new"]);
  });

  test("knows which replies derive from a message, here and elsewhere", async () => {
    await using archive = await open();
    const source = { conversation: "fake:room:1", message: "m1" } as const;
    await archive.sync(batch([message("m1", "fact"), reply("m2", "answer", ["m1"])]), signal);
    await archive.sync(
      batch([reply("m9", "elsewhere", ["m8"], { sources: [source] })], {
        conversation: "fake:club:1",
        place: "club",
      }),
      signal,
    );
    const derived = await archive.derivedFrom("fake:room:1", ["m1", "other"], signal);
    expect(derived.toSorted((a, b) => a.message.localeCompare(b.message))).toEqual([
      {
        conversation: "fake:room:1",
        platform: "fake",
        place: "room",
        message: "m2",
        revision: 1,
        posts: ["room/m2"],
      },
      {
        conversation: "fake:club:1",
        platform: "fake",
        place: "club",
        message: "m9",
        revision: 1,
        posts: ["room/m9"],
      },
    ]);
    expect(await archive.derivedFrom("fake:club:1", ["m1"], signal)).toEqual([]);
  });

  test("erases a person everywhere up to a time, and counts what it removed", async () => {
    await using archive = await open();
    await archive.sync(
      batch([message("m1", "one"), reply("m2", "to one", ["m1"]), message("m3", "two")]),
      signal,
    );
    await archive.sync(
      batch([message("m4", "three")], { conversation: "fake:club:1", place: "club" }),
      signal,
    );
    await archive.sync(
      batch([message("m1", "namesake")], { conversation: "other:x:1", platform: "other" }),
      signal,
    );
    expect(await archive.locationsOf("fake", "ada", 4_000, signal)).toEqual([
      { conversation: "fake:room:1", platform: "fake", place: "room" },
    ]);
    const forgotten = await archive.eraseAuthor("fake", "ada", 4_000, signal);
    expect(forgotten).toEqual({ conversations: ["fake:room:1"], messages: 2, replies: 1 });
    await archive.sync(batch([message("m1", "one", { revision: 9 })]), signal);
    expect(await readAll(archive)).toEqual([]);
    expect(textsOf(await search(archive, "three", ["club"]))).toEqual(["three"]);
    expect(await archive.locationsOf("fake", "ada", 4_000, signal)).toEqual([]);
    expect(await archive.eraseAuthor("fake", "nobody", 9_000, signal)).toEqual({
      conversations: [],
      messages: 0,
      replies: 0,
    });
  });

  test("removes expired messages, and refuses them from then on", async () => {
    await using archive = await open();
    await archive.sync(batch([message("m1", "old"), message("m9", "new")]), signal);
    const location = { conversation: "fake:room:1", platform: "fake", place: "room" };
    expect(await archive.olderThan({ beforeMs: 5_000, limit: 10 }, signal)).toEqual({
      locations: [location],
    });
    expect(await archive.expire(5_000, signal)).toBe(1);
    await archive.sync(batch([message("m1", "old", { revision: 9 }), message("m2", "late")]), signal);
    expect(textsOf(await readAll(archive))).toEqual(["new"]);
    expect(await archive.olderThan({ beforeMs: 5_000, limit: 10 }, signal)).toEqual({ locations: [] });
  });

  test("refuses late messages of an erased author", async () => {
    await using archive = await open();
    const erasures = [{ revision: 2, kind: "author", author: "ada", beforeOrdinal: 3 }] as const;
    await archive.sync(batch([], { erasures }), signal);
    await archive.eraseAuthor("fake", "bob", 5_000, signal);
    const bob = { id: "bob", name: "Bob" };
    await archive.sync(
      batch([
        message("m1", "ada one"),
        reply("m2", "to ada", ["m1"]),
        message("m3", "ada later"),
        message("m4", "bob", { author: bob }),
        message("m5", "bob later", { author: bob }),
        reply("m6", "to both", ["m3", "m4"]),
      ]),
      signal,
    );
    expect(textsOf(await readAll(archive))).toEqual(["ada later", "bob later", "to both"]);
    expect(textsOf(await search(archive, "ada"))).toEqual(["ada later"]);
  });

  test("names what it refuses of an erased author, and removes nothing before it is asked to", async () => {
    await using archive = await open();
    const bob = { author: { id: "bob", name: "Bob" } } as const;
    await archive.sync(batch([message("m1", "one"), reply("m2", "to one", ["m1"])]), signal);
    await archive.refuseAuthor("fake", "ada", 5_000, signal);
    expect(textsOf(await readAll(archive))).toEqual(["one", "to one"]);
    const late = [
      message("m3", "on its way"),
      message("m4", "bob", bob),
      reply("m5", "to both", ["m3", "m4"]),
      message("m6", "later"),
    ];
    for (const again of [1, 2])
      expect(await archive.sync(batch(late), signal), `${again}`).toEqual({ refused: [], forgotten: ["m3"] });
    expect(textsOf(await readAll(archive))).toEqual(["one", "to one", "bob", "to both", "later"]);
    expect(await archive.eraseAuthor("fake", "ada", 5_000, signal)).toMatchObject({
      messages: 1,
      replies: 1,
    });
  });

  test("keeps a changed message as it is now, in all that derives from it", async () => {
    await using archive = await open();
    const source = { conversation: "fake:room:9", message: "s1" } as const;
    const old = reply("m2", "old", ["m1"], { sources: [source], attachments: [{ name: "old.pdf" }] });
    const now = reply("m2", "now", ["m1"], { revision: 2, posts: ["room/9"], chapter: 2 });
    await archive.sync(batch([old]), signal);
    await archive.sync(batch([now]), signal);
    await archive.sync(batch([now], { conversation: "fake:room:2" }), signal);
    await archive.sync(batch([old], { conversation: "fake:room:2" }), signal);
    const [inOrder] = await readAll(archive);
    const [outOfOrder] = await readAll(archive, "fake:room:2");
    expect(inOrder).toEqual({ ...outOfOrder, conversation: "fake:room:1" });
    expect(inOrder).toMatchObject({ text: "now", posts: ["room/9"], attachments: [], chapter: 2 });
    expect(inOrder).not.toHaveProperty("sources");
    expect(await archive.derivedFrom("fake:room:9", ["s1"], signal)).toEqual([]);
  });

  test("finds a word in any of its forms, and words without spaces between them", async () => {
    await using archive = await open();
    const texts = [
      "Straße im Café",
      "ＦＵＬＬ ﬁre",
      "ΣΊΣΥΦΟΣ",
      "東京都に金曜日に行く",
      "ราคาไม่แพง",
      "हिन्दी में",
    ];
    await archive.sync(batch(texts.map((text, index) => message(`m${index + 1}`, text))), signal);
    const sought = ["STRASSE cafe", "full fire", "σισυφος", "金曜日", "แพง", "हिन्दी"];
    for (const [index, words] of sought.entries())
      expect(textsOf(await search(archive, words))).toEqual([texts[index]]);
    expect(textsOf(await search(archive, "京"))).toEqual([texts[3]]);
    expect(await search(archive, "曜金")).toEqual([]);
  });

  test("ranks by the number of words and little else, then by age", async () => {
    await using archive = await open();
    const texts = [
      "the launch is on friday",
      "the launch is on friday",
      `the launch is on friday ${Array.from({ length: 90 }, (_, index) => `filler${index}`).join(" ")}`,
      "launches of fridays",
    ];
    await archive.sync(batch(texts.map((text, index) => message(`m${index + 1}`, text))), signal);
    const ids = async (words: string) => (await search(archive, words)).map(({ id }) => id);
    expect(await ids("launch friday")).toEqual(["m2", "m1", "m4", "m3"]);
    // All but one of them.
    expect(await ids("friday zebra the launch")).toEqual(["m2", "m1", "m3"]);
    // Two of four are not most of them.
    expect(await ids("friday launch zebra quagga")).toEqual([]);
  });

  test("finds most of many words, even if some occur nowhere", async () => {
    await using archive = await open();
    const common = "we said that it is";
    await archive.sync(
      batch([
        ...Array.from({ length: 30 }, (_, index) => message(`m${index + 1}`, `${common} nothing ${index}`)),
        message("m40", `${common} decided: the harbour gets a crane in march`),
      ]),
      signal,
    );
    const found = await search(archive, "what is it that we decided about the crane in the harbour?");
    expect(found[0]?.id).toBe("m40");
  });

  test.each([
    ["one by one", (archive: Archive) => archive],
    ["as additions where it can be", addingFirst],
  ])("ends in the same state, synced %s, however often and in whatever order", async (_how, through) => {
    await using archive = await open();
    const synced = through(archive);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(anyTelling, async ({ steps, order, stale }) => {
        run += 1;
        const history = play(steps, `fake:run:${run}`, String(run));
        const told = [...history.told, ...stale.flatMap((at) => history.snapshots[at % steps.length] ?? [])];
        const all = [...told, ...order.flatMap((at) => told[at % told.length] ?? [])];
        const shuffled = all
          .map((each, index) => ({ each, key: order[index % order.length] ?? 0 }))
          .toSorted((a, b) => a.key - b.key);
        for (let at = 0; at < shuffled.length; at += 3)
          await Promise.all(shuffled.slice(at, at + 3).map(({ each }) => each(synced, signal)));
        const { conversation, rows, outdated } = history;
        const read = await archive.read({ conversation, limit: 100 }, signal);
        expect(read).toEqual(rows);
        const seek = { platform: "fake", places: ["room"], within: { conversation, since: 1 }, limit: 300 };
        const { messages } = await archive.search({ words: "history", ...seek }, signal);
        expect(messages.map(({ id }) => id).toSorted()).toEqual(rows.map(({ id }) => id).toSorted());
        for (const words of outdated)
          expect((await archive.search({ words, ...seek }, signal)).messages).toEqual([]);
        const people = rows.filter(({ role }) => role === "person").map(({ id }) => id);
        const derived = await archive.derivedFrom(conversation, people, signal);
        const resting = rows.filter(({ answers }) => answers.some((id) => people.includes(id)));
        expect(derived.map((each) => each.message).toSorted()).toEqual(
          resting.map(({ id }) => id).toSorted(),
        );
      }),
      { numRuns: 30 },
    );
  });

  test("adds new messages of several conversations, with their heads, as a sync does", async () => {
    await using archive = await open();
    const messages = [
      message("m1", "swordfish"),
      reply("m2", "found", ["m1"], { sources: [{ conversation: "fake:room:9", message: "x" }] }),
    ];
    const conversations = ["fake:room:1", "fake:room:2", "fake:room:3"].map(conversationKey);
    const batches = conversations.map((conversation) => batch(messages, { conversation }));
    expect(await archive.syncNew(batches, signal)).toEqual([]);
    expect((await search(archive, "swordfish")).length).toBe(3);
    for (const conversation of conversations) {
      const read = await readAll(archive, conversation);
      expect(read).toEqual(messages.map(({ tokens: _tokens, ...each }) => expect.objectContaining(each)));
      expect((await archive.derivedFrom(conversation, ["m1"], signal)).map((each) => each.message)).toEqual([
        "m2",
      ]);
    }
    expect((await archive.derivedFrom("fake:room:9", ["x"], signal)).length).toBe(3);
    expect(await archive.syncNew([], signal)).toEqual([]);
  });

  test("leaves out a conversation of which it has a message, whatever it says, and adds the others", async () => {
    await using archive = await open();
    await archive.sync(batch([message("m1", "old")]), signal);
    const edited = batch([message("m1", "new", { revision: 2 }), message("m2", "two")]);
    const other = batch([message("m1", "elsewhere")], { conversation: "fake:room:2" });
    expect(await archive.syncNew([edited, other], signal)).toEqual(["fake:room:1"]);
    expect(textsOf(await readAll(archive))).toEqual(["old"]);
    expect(textsOf(await readAll(archive, "fake:room:2"))).toEqual(["elsewhere"]);
    expect(await archive.syncNew([other], signal)).toEqual(["fake:room:2"]);
    await archive.sync(edited, signal);
    expect(textsOf(await readAll(archive))).toEqual(["new", "two"]);
  });

  test.each<[string, (archive: Archive) => Promise<unknown>]>([
    [
      "a message was erased",
      (archive) =>
        archive.sync(batch([], { erasures: [{ revision: 1, kind: "message", message: "m2" }] }), signal),
    ],
    [
      "all was erased",
      (archive) =>
        archive.sync(batch([], { erasures: [{ revision: 1, kind: "all", beforeOrdinal: 3 }] }), signal),
    ],
    [
      "an author was erased",
      (archive) =>
        archive.sync(
          batch([], { erasures: [{ revision: 1, kind: "author", author: "ada", beforeOrdinal: 3 }] }),
          signal,
        ),
    ],
    ["an author was erased everywhere", (archive) => archive.eraseAuthor("fake", "ada", 2_500, signal)],
    ["an author is refused", (archive) => archive.refuseAuthor("fake", "ada", 2_500, signal)],
    ["messages of this age expired", (archive) => archive.expire(2_500, signal)],
  ])("leaves out a conversation where %s", async (_why, erase) => {
    await using archive = await open();
    await erase(archive);
    const late = batch([
      message("m2", "swordfish"),
      message("m3", "hello", { author: { id: "bob", name: "Bob" } }),
    ]);
    const other: SyncBatch = {
      ...batch([message("m4", "elsewhere", { author: { id: "bob", name: "Bob" } })]),
      conversation: "fake:room:2",
    };
    expect(await archive.syncNew([late, other], signal)).toEqual(["fake:room:1"]);
    expect(await readAll(archive)).toEqual([]);
    expect(textsOf(await readAll(archive, "fake:room:2"))).toEqual(["elsewhere"]);
  });

  test("leaves out a reply to nothing but messages of an erased author", async () => {
    await using archive = await open();
    await archive.sync(batch([message("m1", "swordfish")]), signal);
    await archive.eraseAuthor("fake", "ada", 1_500, signal);
    const late = batch([reply("m2", "swordfish indeed", ["m1"])]);
    expect(await archive.syncNew([late], signal)).toEqual(["fake:room:1"]);
    expect(await readAll(archive)).toEqual([]);
  });

  test("keeps no erased text, whichever comes first: additions of several conversations at once, or erasures", async () => {
    await using archive = await open();
    for (let round = 1; round <= 10; round += 1) {
      const author = { id: `ada ${round}`, name: "Ada" };
      const conversations = [1, 2, 3, 4].map((room) => conversationKey(`fake:room:${round * 10 + room}`));
      const batches = conversations.map((conversation) =>
        batch([message("m1", "swordfish", { author }), reply("m2", "swordfish indeed", ["m1"])], {
          conversation,
        }),
      );
      const add = async (given: readonly SyncBatch[]): Promise<void> => {
        const left = await archive.syncNew(given, signal);
        for (const each of given) if (left.includes(each.conversation)) await archive.sync(each, signal);
      };
      const [one = conversationKey("fake:room:0"), two = one] = conversations;
      const all = { revision: 2, kind: "all", beforeOrdinal: 3 } as const;
      const single = { revision: 2, kind: "message", message: "m1" } as const;
      await Promise.all([
        add(batches),
        archive.sync(batch([], { conversation: two, erasures: [single] }), signal),
        add(batches.toReversed()),
        archive.sync(batch([], { conversation: one, erasures: [all] }), signal),
        round % 2 === 0 && archive.eraseAuthor("fake", author.id, 1_500, signal),
      ]);
      expect(await readAll(archive, one)).toEqual([]);
      expect(textsOf(await readAll(archive, two))).not.toContain("swordfish");
      const erased = round % 2 === 0 ? conversations : [];
      for (const each of erased) expect(textsOf(await readAll(archive, each))).not.toContain("swordfish");
    }
  });

  test("does nothing for an aborted caller", async () => {
    await using archive = await open();
    const gone = new Error("gone");
    await expect(archive.sync(batch([message("m1", "x")]), AbortSignal.abort(gone))).rejects.toBe(gone);
    await expect(archive.syncNew([batch([message("m1", "x")])], AbortSignal.abort(gone))).rejects.toBe(gone);
    expect(await readAll(archive)).toEqual([]);
  });
}
