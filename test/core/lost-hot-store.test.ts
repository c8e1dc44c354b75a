import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import { openHotBench } from "../support/core/hot-bench.ts";
import { openRedisHotStore, openSqliteHotStore, type HotStore } from "../support/core/hot-store.ts";
import { command, deleted, edited, said } from "../support/core/inbounds.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";
import { isTitling } from "../support/core/titling.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";

const key: ConversationKey = "fake:room:1";
const { signal } = new AbortController();

function contract(open: () => Promise<HotStore>): void {
  test("continues from the archive: prompts, ordinals, revision, chapters, speakers and marks", async () => {
    await using bench = await openHotBench(open);
    await bench.say("m1", "the old chapter");
    await bench.take(command("reset", "yes", { saidAtMs: bench.clock.nowMs() }));
    await bench.say("m2", "the launch is on Friday");
    await bench.say("m3", "I pay for it", { by: "grace" });
    await bench.file();
    const before = await bench.memory();
    await bench.hot.lose();
    bench.restart();
    await bench.say("m4", "when is it?");
    expect(bench.prompt()).toContain("the launch is on Friday");
    expect(bench.prompt()).toContain("Grace");
    expect(bench.prompt()).not.toContain("the old chapter");
    const after = await bench.memory();
    expect(after).toMatchObject({
      chapter: before?.chapter,
      since: before?.since,
      speakers: before?.speakers.map(({ id, label }) => ({ id, label })),
      titledBy: before?.titledBy,
      nextOrdinal: (before?.nextOrdinal ?? 0) + 2,
    });
    expect(after?.revision).toBeGreaterThan(before?.revision ?? 0);
    await bench.file();
    const ordinals = (await bench.rows()).map(({ ordinal }) => ordinal);
    expect(new Set(ordinals).size).toBe(ordinals.length);
    expect((await bench.rows()).map(({ id }) => id)).toContain("m4");
  });

  test("archives new messages of an erased conversation, and keeps the old ones erased", async () => {
    await using bench = await openHotBench(open);
    await bench.say("m1", "swordfish");
    await bench.say("m2", "swordfish again");
    await bench.take(command("forget", "this yes", { saidAtMs: bench.clock.nowMs() }));
    await bench.file();
    await bench.hot.lose();
    bench.restart();
    await bench.say("m3", "hello again");
    await bench.file();
    expect((await bench.rows()).map(({ text }) => text)).toEqual([
      "hello again",
      "Answer to Ada: hello again",
    ]);
    expect(await bench.hot.stores.outbox.pending(9, signal)).toEqual([]);
    expect(bench.prompt()).not.toContain("swordfish");
  });

  test("does not answer again what the archive has an answer for, and answers the rest", async () => {
    await using bench = await openHotBench(open);
    await bench.say("m1", "the launch is on Friday");
    await bench.core().accept(said("m2", "who pays?", { saidAtMs: bench.clock.nowMs() }));
    const goBack = await bench.hot.backUp();
    await bench.core().settle();
    await bench.file();
    const { shown } = bench.platform;
    const asked = bench.model.prompts.length;
    await goBack();
    bench.restart();
    await bench.say("m3", "@grace look", { addressing: "others" });
    expect(bench.model.prompts).toHaveLength(asked);
    expect(bench.platform.shown).toEqual(shown);
    await bench.say("m4", "and when?");
    expect(bench.platform.shown).toEqual([...shown, "Answer to Ada: and when?"]);
    expect(await bench.hot.stores.inbox.waiting(key, signal)).toEqual([]);
    const { messages = [] } = (await bench.memory()) ?? {};
    const order = messages.map(({ id, role }) => (role === "person" ? id : role)).join(" ");
    expect(order).toBe("m1 bot m2 bot m3 m4 bot");
  });

  test("applies renamings, edits and deletions to messages from before the loss", async () => {
    await using bench = await openHotBench(open);
    await bench.say("m1", "it costs 40");
    await bench.say("m2", "my secret is swordfish");
    await bench.file();
    await bench.hot.lose();
    bench.restart();
    await bench.take(edited("m1", "it costs 50"));
    await bench.take(deleted("m2"));
    await bench.say("m3", "and who pays?", { addressing: "open" });
    expect(bench.prompt()).toContain("it costs 50");
    expect(bench.prompt()).not.toContain("swordfish");
    expect(bench.prompt()).not.toContain(`"text":"Ada: it costs 40"`);
    await bench.file();
    expect(JSON.stringify(await bench.rows())).not.toContain("swordfish");
  });

  test("waits while the archive is unavailable, says so, and starts no conversation until the loss is known", async () => {
    await using bench = await openHotBench(open);
    await bench.core().chore("mark");
    await bench.say("m1", "the launch is on Friday");
    await bench.file();
    await bench.hot.lose();
    bench.restart();
    bench.breaker.isDown = true;
    await bench.say("m2", "when is it?");
    expect(bench.platform.told.at(-1)).toMatch(/memory/u);
    expect(await bench.memory()).toBeUndefined();
    bench.breaker.isDown = false;
    await bench.core().chore("mark");
    await bench.take(said("m3", "well?", { saidAtMs: bench.clock.nowMs() }));
    expect(bench.prompt()).toContain("the launch is on Friday");
    bench.breaker.isDown = true;
    const conversation = "fake:room:new";
    await bench.say("m4", "a new question", { conversation });
    expect(bench.platform.shown.at(-1)).toBe("Answer to Ada: a new question");
  });

  test("keeps a deletion that can still be undone hidden, and erases it in time", async () => {
    await using bench = await openHotBench(open);
    await bench.say("m1", "the code is swordfish");
    await bench.say("m2", "hello", { by: "grace" });
    await bench.take(command("forget", "this yes", { saidAtMs: bench.clock.nowMs() }));
    await bench.file();
    expect(JSON.stringify(await bench.rows())).toContain("swordfish");
    await bench.hot.lose();
    bench.restart();
    await bench.core().chore("mark");
    expect((await bench.hot.stores.delayedErasures.cutoffs([key], signal)).has(key)).toBe(true);
    bench.clock.pass(25 * 3_600_000);
    await bench.core().chore("lapse");
    await bench.core().settle();
    await bench.file();
    expect(JSON.stringify(await bench.rows())).not.toMatch(/swordfish|hello/u);
  });

  test.each([
    ["a deletion that can still be undone", "forget", "this yes"],
    ["a reset", "reset", "yes"],
  ])("keeps %s that was requested while the archive was unavailable", async (_what, name, argument) => {
    await using bench = await openHotBench(open);
    await bench.say("m1", "the code is swordfish");
    await bench.file();
    const putBack = await bench.hot.backUp();
    await bench.say("m2", "the color is mauve");
    await bench.file();
    await putBack();
    bench.restart();
    bench.breaker.isDown = true;
    bench.clock.pass(60_000);
    await bench.say("m3", "the animal is okapi", { by: "grace" });
    await bench.take(command(name, argument, { saidAtMs: bench.clock.nowMs() }));
    await bench.say("m4", "the fruit is quince");
    bench.breaker.isDown = false;
    await bench.say("m5", "what do you know?");
    expect(bench.prompt()).toContain("quince");
    expect(bench.prompt()).not.toMatch(/swordfish|mauve|okapi/u);
    await bench.file();
    const { head } = (await bench.archivedConversations.findConversation(key, signal)) ?? {};
    expect(head?.memory).toMatchObject({ chapter: 2, since: 2 });
    bench.restart();
    await bench.take(command(name, "undo", { saidAtMs: bench.clock.nowMs() }));
    await bench.say("m6", "and now?");
    expect(bench.prompt()).toMatch(/swordfish[^]*mauve[^]*okapi[^]*quince/u);
    expect((await bench.memory())?.speakers.map(({ id }) => id).toSorted()).toEqual(["ada", "grace"]);
  });

  test("completes a deletion in time that was requested while the archive was unavailable", async () => {
    await using bench = await openHotBench(open);
    await bench.say("m1", "the code is swordfish");
    await bench.file();
    const putBack = await bench.hot.backUp();
    await bench.say("m2", "the color is mauve");
    await bench.file();
    await putBack();
    bench.restart();
    bench.breaker.isDown = true;
    bench.clock.pass(60_000);
    await bench.say("m3", "the animal is okapi", { by: "grace" });
    await bench.take(command("forget", "this yes", { saidAtMs: bench.clock.nowMs() }));
    bench.breaker.isDown = false;
    await bench.say("m4", "the fruit is quince");
    await bench.file();
    bench.clock.pass(25 * 3_600_000);
    await bench.core().chore("lapse");
    await bench.core().settle();
    await bench.file();
    expect(JSON.stringify(await bench.rows())).toContain("quince");
    expect(JSON.stringify([await bench.rows(), await bench.memory()])).not.toMatch(/swordfish|mauve|okapi/u);
  });

  test("keeps a deletion completed that became due while the archive was unavailable", async () => {
    await using bench = await openHotBench(open);
    await bench.say("m1", "the code is swordfish");
    await bench.take(command("forget", "this yes", { saidAtMs: bench.clock.nowMs() }));
    await bench.file();
    const putBack = await bench.hot.backUp();
    await bench.say("m2", "the color is mauve");
    await bench.file();
    await putBack();
    bench.restart();
    bench.breaker.isDown = true;
    bench.clock.pass(25 * 3_600_000);
    await bench.core().chore("lapse");
    await bench.core().settle();
    bench.breaker.isDown = false;
    await bench.say("m3", "what do you know?");
    expect(await bench.memory()).not.toHaveProperty("erasing");
    expect(bench.prompt()).toContain("mauve");
    await bench.file();
    expect(JSON.stringify(await bench.rows())).not.toContain("swordfish");
  });

  test("opens no question again that was closed while the archive was unavailable", async () => {
    await using bench = await openHotBench(open);
    await bench.say("m1", "the code is swordfish");
    await bench.take(command("forget", "this", { saidAtMs: bench.clock.nowMs() }));
    await bench.file();
    const putBack = await bench.hot.backUp();
    await bench.take(said("m2", "@grace look", { addressing: "others", by: "grace" }));
    await bench.file();
    await putBack();
    bench.restart();
    bench.breaker.isDown = true;
    bench.clock.pass(1_000);
    await bench.say("m3", "no, let it be");
    bench.breaker.isDown = false;
    await bench.say("m4", "yes");
    expect(bench.prompt()).toContain("swordfish");
    expect(bench.platform.shown.at(-1)).toBe("Answer to Ada: yes");
  });

  test("waits for the archive where a memory was evicted", async () => {
    await using bench = await openHotBench(open);
    await bench.core().chore("mark");
    await bench.say("m1", "the launch is on Friday");
    await bench.file();
    await bench.hot.evict();
    bench.breaker.isDown = true;
    await bench.say("m2", "when is it?");
    expect(bench.platform.told.at(-1)).toMatch(/memory/u);
    expect(await bench.memory()).toBeUndefined();
    bench.breaker.isDown = false;
    await bench.say("m3", "well?");
    expect(bench.prompt()).toContain("the launch is on Friday");
  });

  test("restores no deleted message and no ordinal twice from an older backup", async () => {
    await using bench = await openHotBench(open);
    await bench.say("m1", "my secret is swordfish");
    await bench.file();
    const putBack = await bench.hot.backUp();
    await bench.take(deleted("m1"));
    await bench.say("m2", "the launch is on Friday");
    await bench.file();
    await putBack();
    bench.restart();
    await bench.say("m3", "when is it?");
    expect(bench.prompt()).toContain("the launch is on Friday");
    expect(bench.prompt()).not.toContain("swordfish");
    await bench.file();
    const rows = await bench.rows();
    expect(new Set(rows.map(({ ordinal }) => ordinal)).size).toBe(rows.length);
    expect(JSON.stringify([rows, await bench.memory()])).not.toContain("swordfish");
  });

  test("assigns no revision twice, even if it comes back in an older format", async () => {
    await using bench = await openHotBench(open);
    await bench.say("m1", "one");
    const putBack = await bench.hot.backUp();
    for (const id of ["m2", "m3", "m4"]) await bench.say(id, "lost");
    const { revision: lost = 0 } = (await bench.memory()) ?? {};
    await putBack();
    bench.restart();
    bench.clock.pass(1_000);
    await bench.say("m5", "five");
    expect((await bench.memory())?.revision).toBeGreaterThan(lost);
  });

  test("keeps an answer that was given again, to more messages, in posts that the archive knows from the lost answer", async () => {
    await using bench = await openHotBench(open);
    await bench.say("m1", "one");
    await bench.say("m2", "two");
    const { messages = [] } = (await bench.memory()) ?? {};
    const replies = messages.filter(({ role }) => role === "bot");
    const again = { ordinal: 2, revision: 1, text: "lost", answers: ["m1"] };
    const lost = replies.slice(1).map((reply) => Object.assign({}, reply, again));
    const where = { conversation: key, platform: "fake", place: "room", erasures: [] } as const;
    await bench.archivedConversations.sync(
      { ...where, messages: [...messages.slice(0, 1), ...lost] },
      signal,
    );
    bench.restart();
    await bench.say("m3", "three");
    expect(bench.prompt()).toContain("Answer to Ada: two");
    expect(bench.prompt()).not.toContain("lost");
    await bench.file();
    const texts = (await bench.rows()).map(({ text }) => text);
    expect(texts.toSorted()).toEqual([
      "Answer to Ada: one",
      "Answer to Ada: three",
      "Answer to Ada: two",
      "one",
      "three",
      "two",
    ]);
  });

  test("joins an older backup with what was said while the archive was unavailable", async () => {
    await using bench = await openHotBench(open);
    await bench.say("m1", "one");
    await bench.file();
    const putBack = await bench.hot.backUp();
    await bench.say("m2", "two");
    await bench.file();
    await putBack();
    bench.restart();
    bench.breaker.isDown = true;
    await bench.say("m3", "three");
    expect(bench.prompt()).not.toContain("two");
    bench.breaker.isDown = false;
    await bench.say("m4", "four");
    for (const word of ["one", "two", "three", "four"]) expect(bench.prompt()).toContain(word);
    await bench.file();
    const rows = await bench.rows();
    expect(new Set(rows.map(({ ordinal }) => ordinal)).size).toBe(rows.length);
    expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining(["m1", "m2", "m3", "m4"]));
  });

  test("keeps the turn records of an older backup that the archive lacks, except those of removed messages", async () => {
    await using bench = await openHotBench(open);
    await bench.say("m1", "one");
    await bench.file();
    await bench.say("m2", "two");
    const putBack = await bench.hot.backUp();
    await bench.say("m3", "three");
    await bench.file();
    await bench.take(deleted("m2"));
    await bench.file();
    await putBack();
    bench.restart();
    bench.breaker.isDown = true;
    for (const id of ["m4", "m5"]) await bench.say(id, "meanwhile");
    bench.breaker.isDown = false;
    await bench.say("m6", "six");
    await bench.file();
    expect(await bench.recorded()).toEqual(["m1", "m3", "m4", "m5", "m6"]);
  });

  test("keeps what the archive lacks when a page of a memory is lost: deletions, messages and turn records", async () => {
    await using bench = await openHotBench(open);
    const ids = Array.from({ length: 20 }, (_, index) => `m${index + 1}`);
    for (const id of ids) await bench.say(id, id === "m2" ? "my secret is swordfish" : "chatting");
    await bench.file();
    bench.breaker.isDown = true;
    await bench.take(deleted("m2"));
    await bench.say("late", "the launch is on Friday");
    await bench.hot.losePages();
    bench.restart();
    bench.breaker.isDown = false;
    await bench.say("last", "when is it?");
    expect(bench.platform.told.join(" ")).toMatch(/rebuild my notes/u);
    expect(bench.prompt()).toContain("the launch is on Friday");
    expect(bench.prompt()).not.toContain("swordfish");
    await bench.file();
    const rows = await bench.rows();
    expect(JSON.stringify(rows)).not.toContain("swordfish");
    expect(rows.map(({ id }) => id)).toEqual(expect.arrayContaining(["m1", "m20", "late", "last"]));
    expect(await bench.recorded()).toEqual([...ids.filter((id) => id !== "m2"), "late", "last"].toSorted());
  });

  test("keeps the readable part of a memory that lost a page before its sync", async () => {
    await using bench = await openHotBench(open);
    for (let count = 1; count <= 20; count += 1) await bench.say(`m${count}`, "chatting");
    await bench.hot.losePages();
    bench.restart();
    await bench.say("last", "when is it?");
    await bench.file();
    expect((await bench.rows()).map(({ id }) => id)).toEqual(expect.arrayContaining(["m20", "last"]));
    expect(await bench.recorded()).toHaveLength(21);
  });

  test("erases no newer message because of an old erasure request in a backup", async () => {
    await using bench = await openHotBench(open);
    await bench.say("m1", "swordfish");
    bench.clock.pass(1_000);
    await bench.take(command("forget", "this yes", { saidAtMs: bench.clock.nowMs() }));
    bench.clock.pass(1_000);
    await bench.say("m2", "the launch is on Friday");
    await bench.file();
    const putBack = await bench.hot.backUp();
    expect((await bench.memory())?.erasures).toMatchObject([{ kind: "all" }]);
    await bench.say("m3", "I pay for it");
    await bench.file();
    await putBack();
    bench.restart();
    await bench.say("m4", "when is it?");
    expect(bench.prompt()).toContain("the launch is on Friday");
    expect(bench.prompt()).toContain("I pay for it");
    await bench.file();
    const ids = (await bench.rows()).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(["m2", "m3", "m4"]));
    expect(ids).not.toContain("m1");
  });

  test("restores no older text of an edited message from an older backup", async () => {
    await using bench = await openHotBench(open, { contextTokens: 300 });
    await bench.say("m1", "the first words");
    for (let index = 0; index < 30; index += 1)
      await bench.say(`c${index}`, "chatting on and on, as people do");
    await bench.file();
    await bench.say("m2", "the last words");
    await bench.file();
    await bench.take(edited("m1", "a swordfish"));
    await bench.file();
    const putBack = await bench.hot.backUp();
    expect((await bench.memory())?.edits).toMatchObject([{ text: "a swordfish" }]);
    await bench.take(edited("m1", "a trout"));
    await bench.file();
    await putBack();
    bench.restart();
    await bench.say("m3", "hello");
    await bench.file();
    expect((await bench.rows()).find(({ id }) => id === "m1")?.text).toBe("a trout");
  });

  test("keeps edits of an older backup that were made while the archive was unavailable", async () => {
    await using bench = await openHotBench(open);
    await bench.say("m1", "my secret is swordfish");
    await bench.file();
    const putBack = await bench.hot.backUp();
    for (const id of ["m2", "m3", "m4"]) await bench.say(id, "chatting");
    await bench.file();
    await putBack();
    bench.restart();
    bench.breaker.isDown = true;
    await bench.take(edited("m1", "my secret is out"));
    bench.breaker.isDown = false;
    await bench.say("m5", "what is it?");
    expect(bench.prompt()).not.toContain("swordfish");
    await bench.file();
    const known = await bench.archivedConversations.findConversation(key, signal);
    expect(JSON.stringify([known, await bench.rows(), await bench.memory()])).not.toContain("swordfish");
  });

  test("restores no erased person from an older backup, and no summary of what it deletes", async () => {
    await using bench = await openHotBench(open);
    await bench.say("m1", "the vault opens with swordfish");
    await bench.say("m2", "hello", { by: "grace" });
    await bench.file();
    const putBack = await bench.hot.backUp();
    await bench.say("m3", "chatting");
    await bench.take(command("forget", "me yes", { by: "grace", saidAtMs: bench.clock.nowMs() + 1 }));
    await bench.core().rest();
    const head = (await bench.archivedConversations.findConversation(key, signal))?.head?.memory;
    const { messages = [], nextOrdinal = 0, revision = 0 } = (await bench.memory()) ?? {};
    if (head === undefined) throw new Error("The archive has no head");
    const cites = messages
      .filter(({ id }) => id === "m1")
      .map(({ id, ordinal, saidAtMs }) => ({ message: id, ordinal, saidAtMs }));
    const line = { text: "The vault opens with swordfish", tokens: 9, cites };
    const summary = { upTo: nextOrdinal, lines: [line], dropped: 0, madeAtMs: 1 };
    await bench.archivedConversations.sync(
      {
        ...head,
        erasures: [],
        messages: [],
        head: { memory: { ...head, revision: revision + 9, summary } },
      },
      signal,
    );
    await putBack();
    bench.restart();
    bench.breaker.isDown = true;
    await bench.take(deleted("m1"));
    bench.breaker.isDown = false;
    await bench.say("m4", "what opens it?");
    expect(bench.prompt()).not.toContain("swordfish");
    expect(await bench.hot.holds()).not.toMatch(/swordfish/u);
    expect(JSON.stringify(await bench.memory())).not.toMatch(/grace/iu);
  });

  test.each([
    ["edited", edited("m1", "the secret is out")],
    ["deleted", deleted("m1")],
  ])(
    "removes a title of an older backup if its message was %s while the archive was unavailable",
    async (_how, change) => {
      const model = new ScriptedModel(async function* (prompt) {
        yield isTitling(prompt) ? "Swordfish plans" : "Noted.";
      });
      await using bench = await openHotBench(open, { model });
      const titled = async (): Promise<string | undefined> =>
        (await bench.core().ports.directory.recent("fake", "room", 9, signal))[0]?.title;
      await bench.say("m1", "my secret is swordfish");
      await bench.file();
      const putBack = await bench.hot.backUp();
      bench.core().requestTitle(key);
      await bench.core().titleAll();
      await bench.core().settle();
      await bench.say("m2", "chatting");
      await bench.file();
      await bench.hot.lose();
      bench.restart();
      await bench.say("m3", "chatting");
      expect(await titled()).toBe("Swordfish plans");
      expect((await bench.memory())?.titledFrom).toEqual(["m1", expect.anything()]);
      await bench.file();
      await putBack();
      bench.restart();
      bench.breaker.isDown = true;
      await bench.take({ ...change, dedupeId: `${change.dedupeId} again` });
      bench.breaker.isDown = false;
      await bench.say("m4", "what is it?");
      expect(await titled()).not.toBe("Swordfish plans");
      await bench.file();
      const known = await bench.archivedConversations.findConversation(key, signal);
      expect(JSON.stringify([known, await bench.memory()])).not.toMatch(/swordfish/iu);
      expect(await bench.hot.holds()).not.toMatch(/Swordfish plans/u);
    },
  );

  test("counts no sync that the archive refuses, logs it, and repairs it", async () => {
    await using bench = await openHotBench(open);
    await bench.say("m0", "zero");
    await bench.say("m1", "one");
    await bench.file();
    const erasures = [{ revision: 1, kind: "all", beforeOrdinal: 50 }] as const;
    await bench.archivedConversations.sync(
      { conversation: key, platform: "fake", place: "room", erasures, messages: [] },
      signal,
    );
    await bench.say("m2", "two");
    await bench.file();
    expect(JSON.stringify(bench.core().log.lines)).toContain("the archive refused messages");
    expect(await bench.hot.stores.outbox.pending(9, signal)).toHaveLength(1);
    await bench.core().settle();
    await bench.file();
    expect((await bench.rows()).map(({ id }) => id)).toContain("m2");
    expect(await bench.hot.stores.outbox.pending(9, signal)).toEqual([]);
  });

  test("lists, finds and renames conversations that only the archive has", async () => {
    await using bench = await openHotBench(open);
    await bench.say("m1", "the launch");
    await bench.say("m9", "secret plans", { conversation: "fake:room:9" });
    await bench.take(command("forget", "this yes", { conversation: "fake:room:9" }));
    await bench.file();
    const { directory } = bench.core().ports;
    const before = await directory.recent("fake", "room", 9, signal);
    await bench.hot.lose();
    expect(await directory.recent("fake", "room", 9, signal)).toEqual(before);
    expect(before).toMatchObject([{ conversation: key, title: "the launch" }]);
    expect(await directory.locate("fake", "room", "m1", signal)).toBe(key);
    await directory.rename(key, "Friday", signal);
    expect(await directory.recent("fake", "room", 9, signal)).toMatchObject([{ title: "Friday" }]);
    bench.restart();
    await bench.say("m2", "anything new?");
    expect(await directory.recent("fake", "room", 9, signal)).toMatchObject([{ title: "Friday" }]);
    bench.breaker.isDown = true;
    expect(await directory.recent("fake", "room", 9, signal)).toMatchObject([{ title: "Friday" }]);
  });
}

describe("a lost hot store in SQLite", () => {
  contract(openSqliteHotStore);
});

describe.skipIf(redisIsMissing)(`a lost hot store in Redis ${redisIsMissing ?? ""}`, () => {
  let server: RedisServer;
  let count = 0;
  beforeAll(async () => {
    server = await startRedisServer("--databases", "100");
  });
  afterAll(() => server[Symbol.asyncDispose]());
  contract(() => openRedisHotStore(`${server.url}/${(count += 1)}`));
});
