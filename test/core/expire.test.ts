import { describe, expect, test } from "vitest";

import { appendMessages } from "../../src/conversation/memory/append.ts";
import type { ConversationKey } from "../../src/domain/conversation.ts";
import { deleted, said } from "../support/core/inbounds.ts";
import { openRealBench, sayInVain } from "../support/core/real-bench.ts";
import { BackfilledPlatform } from "../support/core/seeded-platform.ts";
import { advanceRevision, emptyMemory } from "../../src/conversation/memory/new-memory.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const secret = "swordfish-4711";

describe("a message older than the retention time", () => {
  test("leaves memory too, even if another message expired earlier that day", async () => {
    await using core = await openRealBench({ retentionDays: 30 });
    await core.say("morning", "first words");
    core.clock.pass(5 * hourMs);
    await core.say("afternoon", `my secret is ${secret}`);
    await core.file();
    const expire = async (): Promise<void> => {
      await core.expire();
      await core.settle();
      await core.file();
    };
    core.clock.pass(30 * dayMs - 4 * hourMs);
    await expire();
    expect(await core.holds("morning")).toBe(false);
    expect(await core.holds("afternoon")).toBe(true);
    core.clock.pass(4 * hourMs);
    await expire();
    expect(await core.archived()).toEqual([]);
    expect(await core.remembered()).toBeUndefined();
  });

  test("is not backfilled", async () => {
    const platform = new BackfilledPlatform(`old ${secret}`, Date.now() - 400 * dayMs);
    await using core = await openRealBench({ platform, retentionDays: 30 });
    await core.expire();
    await core.say("a", "hello");
    await core.file();
    await core.expire();
    await core.say("b", "hello again");
    expect(JSON.stringify(core.model.prompts.at(-1))).not.toContain(secret);
    expect(await core.known()).not.toContain(secret);
  });

  test("is removed from the title of a conversation with newer messages", async () => {
    await using core = await openRealBench({ retentionDays: 30, contextTokens: 300 });
    await core.say("first", `${secret} is my title`);
    core.clock.pass(dayMs);
    await core.chat(60);
    expect(await core.holds("first")).toBe(false);
    core.clock.pass(29 * dayMs + hourMs);
    await core.say("last", "fresh");
    await core.file();
    await core.expire();
    await core.settle();
    expect((await core.archived()).map(({ id }) => id)).not.toContain("first");
    const listed = await core.stores.directory.recent("fake", "room", 10, core.signal);
    expect(listed).toHaveLength(1);
    expect(JSON.stringify(listed)).not.toContain(secret);
  });

  test("leaves every conversation, even if they fill more than one page", async () => {
    await using core = await openRealBench({ retentionDays: 30 });
    const { journal, inbox, memories, directory } = core.stores;
    const keys = Array.from({ length: 1_100 }, (_, index): ConversationKey => `fake:room:many${index}`);
    for (const [index, conversation] of keys.entries()) {
      const inbound = said(`bygone${index}`, secret, { conversation, saidAtMs: core.clock.nowMs() });
      await inbox.accept(inbound, core.clock.nowMs(), core.signal);
      const { lease } = await journal.claim(conversation, "w", core.signal);
      const opened = advanceRevision(emptyMemory(conversation, inbound), inbound, 0);
      const memory = appendMessages(opened, [inbound.message], () => 1);
      const covers = (await inbox.waiting(conversation, core.signal)).map(({ id }) => id);
      await journal.finish(lease, { covers, posts: [], memory }, core.signal);
    }
    await core.file();
    await core.file();
    core.clock.pass(31 * dayMs);
    await core.expire();
    await core.settle();
    const held = await Promise.all(keys.map((each) => memories.read(each, core.signal)));
    expect(held.filter(({ memory }) => memory !== undefined)).toEqual([]);
    expect(await directory.recent("fake", "room", 9, core.signal)).toEqual([]);
    await core.expire();
    // Delivered ids are stored for a day.
    await inbox.dropDedupeMarks(core.clock.nowMs() + 1, core.signal);
    await core.chore("scrub");
    const kept = core.kept();
    expect([secret, "room:many", "bygone1"].filter((trace) => kept.includes(trace))).toEqual([]);
  });

  test("leaves a memory whose messages the archive has already removed", async () => {
    await using core = await openRealBench({ retentionDays: 30 });
    await core.say("old", `my secret is ${secret}`);
    await core.say("other", `my secret is ${secret}`, { conversation: "fake:room:2" });
    await core.file();
    core.clock.pass(20 * dayMs);
    await core.say("new", "hello again");
    await core.file();
    core.clock.pass(11 * dayMs);
    await core.ports.archive.expire(core.clock.nowMs() - 30 * dayMs, core.signal);
    await core.expire();
    await core.settle();
    expect(await core.remembered("fake:room:2")).toBeUndefined();
    await core.say("newer", "and again");
    expect(await core.holds("new")).toBe(true);
    expect(JSON.stringify(await core.remembered())).not.toContain(secret);
    expect(JSON.stringify(core.model.prompts.at(-1))).not.toContain(secret);
  });

  test("is removed with its author's name and id, and with its tombstone", async () => {
    await using core = await openRealBench({ retentionDays: 30 });
    await core.say("m1", "hello", { by: "grace" });
    await core.say("m2", secret, { by: "grace" });
    await core.take(deleted("m2"));
    await core.file();
    core.clock.pass(20 * dayMs);
    await core.say("m3", "still here");
    await core.file();
    core.clock.pass(11 * dayMs);
    await core.expire();
    await core.settle();
    await core.file();
    await core.chore("scrub");
    expect((await core.remembered())?.speakers.map(({ id }) => id)).toEqual(["ada"]);
    const kept = core.kept();
    expect(["grace", "Grace", secret].filter((trace) => kept.includes(trace))).toEqual([]);
  });

  test("leaves a conversation that only the archive has, and its stored memory", async () => {
    await using core = await openRealBench({ retentionDays: 30, contextTokens: 300 });
    await core.say("m1", `my secret is ${secret}`);
    await core.chat(20);
    await core.file();
    core.clock.pass(25 * dayMs);
    await core.chore("rest");
    expect(await core.remembered()).toBeUndefined();
    core.clock.pass(6 * dayMs);
    await core.expire();
    await core.settle();
    await core.chore("scrub");
    expect(await core.archived()).toEqual([]);
    expect(
      await core.ports.archivedConversations.findConversation("fake:room:1", core.signal),
    ).toBeUndefined();
    expect(core.kept().includes(secret)).toBe(false);
    await core.say("m9", "hello");
    expect((await core.remembered())?.nextOrdinal).toBe(3);
  });

  test("leaves the dead letters", async () => {
    await using core = await openRealBench({ retentionDays: 30 });
    await core.say("hello", "hello");
    await sayInVain(core, "poison", `poison ${secret}`);
    await core.file();
    core.clock.pass(40 * dayMs);
    await core.expire();
    await core.settle();
    expect(await core.archived()).toEqual([]);
    expect(await core.letters()).toEqual([]);
  });
});
