import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { openHotBench } from "../support/core/hot-bench.ts";
import { openRedisHotStore, openSqliteHotStore, type HotStore } from "../support/core/hot-store.ts";
import { turnShown } from "../support/core/again-bench.ts";
import { againPress, answerPress, command, deleted, edited, said } from "../support/core/inbounds.ts";
import { everyLineOf, isSummaryRequest } from "../support/core/looker.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";

const dayMs = 86_400_000;
const secret = "swordfish-4711";

/** Keeps what is said about the vault in the summary. */
const keeper = (): ScriptedModel =>
  new ScriptedModel(async function* (prompt) {
    const texts = prompt.messages.map(({ text }) => text).join("\n");
    const telling = everyLineOf(texts)
      .split("\n")
      .filter((line) => line.includes("vault"));
    yield isSummaryRequest(prompt) ? telling.join("\n") : "Noted.";
  });

async function openBench(open: () => Promise<HotStore>) {
  const bench = await openHotBench(open, { model: keeper(), contextTokens: 300 });
  return Object.assign(bench, {
    rest: async (days = 22): Promise<void> => {
      await bench.file();
      bench.clock.pass(days * dayMs);
      await bench.core().chore("rest");
    },
    summarize: async (): Promise<void> => {
      await bench.core().summarizeAll();
      await bench.core().settle();
      await bench.file();
    },
    lines: async () => (await bench.memory())?.summary?.lines.map(({ text }) => text).join("\n") ?? "",
  });
}

function contract(open: () => Promise<HotStore>): void {
  test("leaves only its key, and is restored completely when someone writes", async () => {
    await using bench = await openBench(open);
    await bench.say("m1", `the vault opens with ${secret}`);
    for (let index = 0; index < 24; index += 1)
      await bench.say(`c${index}`, "chatting on and on, as people do");
    await bench.summarize();
    await bench.say("m2", "and Grace pays", { by: "grace" });
    const before = await bench.memory();
    expect(before?.summary?.lines.length).toBeGreaterThan(0);
    const { directory } = bench.core().ports;
    const listed = await directory.recent("fake", "room", 9, signal);
    await bench.rest(20);
    expect(await bench.memory()).toBeDefined();
    await bench.rest(2);
    const held = await bench.hot.holds();
    expect(held).not.toMatch(/vault|chatting|grace|\bada\b/u);
    expect(await directory.recent("fake", "room", 9, signal)).toEqual(listed);
    for (const each of listed) expect(await directory.entry(each.conversation, signal)).toEqual(each);
    expect(await directory.entry("fake:room:9", signal)).toBeUndefined();
    expect(await directory.locate("fake", "room", "m1", signal)).toBe("fake:room:1");
    await bench.say("m3", "what opens it?");
    expect(bench.prompt()).toContain(secret);
    expect(await bench.memory()).toMatchObject({
      summary: before?.summary,
      titledBy: before?.titledBy,
      nextOrdinal: (before?.nextOrdinal ?? 0) + 2,
      speakers: [
        { id: "ada", label: "Ada" },
        { id: "grace", label: "Grace" },
      ],
    });
  });

  test("a muted conversation is still muted when it is restored", async () => {
    await using bench = await openBench(open);
    await bench.say("m1", "the vault is open");
    await bench.core().accept(command("mute"));
    await bench.core().settle();
    const { length } = bench.platform.posts;
    await bench.rest();
    expect(await bench.hot.holds()).not.toContain("vault");
    await bench.say("m2", "still there?");
    expect(await bench.memory()).toMatchObject({ muted: { told: [{ by: "ada" }] } });
    expect(bench.platform.posts).toHaveLength(length);
  });

  test("an answer of an evicted conversation is regenerated in its post, once", async () => {
    await using bench = await openBench(open);
    await bench.say("m1", `the vault opens with ${secret}`);
    await bench.say("m2", "and then?");
    const on = turnShown(bench);
    await bench.rest();
    expect(await bench.memory()).toBeUndefined();
    bench.model.script = async function* () {
      yield "Noted again.";
    };
    await bench.take(againPress("regenerate", on));
    expect(bench.platform.shown).toEqual(["Noted.", "Noted again."]);
    expect(bench.prompt()).toContain(secret);
    await bench.file();
    expect((await bench.rows()).map(({ text }) => text)).toEqual([
      `the vault opens with ${secret}`,
      "Noted.",
      "and then?",
      "Noted again.",
    ]);
    await bench.rest();
    await bench.take(againPress("regenerate", on));
    expect(bench.platform.told).toEqual([expect.stringContaining("it was changed already")]);
    expect(bench.platform.shown).toEqual(["Noted.", "Noted again."]);
  });

  test("is not evicted while an entry waits or a sync is pending", async () => {
    await using bench = await openBench(open);
    await bench.say("m1", "hello");
    bench.clock.pass(22 * dayMs);
    await bench.core().chore("rest");
    expect(await bench.memory()).toBeDefined();
    await bench.file();
    await bench.core().accept(deleted("never said"));
    await bench.core().chore("rest");
    expect(await bench.memory()).toBeDefined();
    await bench.core().settle();
    await bench.file();
    bench.clock.pass(22 * dayMs);
    await bench.core().chore("rest");
    expect(await bench.memory()).toBeUndefined();
  });

  test("loses no message that arrives at the moment of its eviction", async () => {
    await using bench = await openBench(open);
    for (let index = 0; index < 20; index += 1) {
      await bench.say(`m${index}`, `number ${index}`);
      await bench.file();
      bench.clock.pass(22 * dayMs);
      const late = said(`late${index}`, `late ${index}`, {
        saidAtMs: bench.clock.nowMs(),
        addressing: "open",
      });
      await Promise.all([bench.core().chore("rest"), bench.core().accept(late)]);
      await bench.core().settle();
      expect(bench.prompt()).toContain(`late ${index}`);
      expect(bench.prompt()).toContain(`number ${index}`);
    }
  });

  test.each([
    ["deleted", [deleted("m1")]],
    ["edited away", [edited("m1", "nothing")]],
    ["erased with its author", [command("forget", "me yes")]],
    ["erased with its conversation", [command("forget", "this yes")]],
  ])(
    "loses what is %s while it is evicted: from the archive, its summary and later prompts",
    async (_, wishes) => {
      await using bench = await openBench(open);
      await bench.say("m1", `the vault opens with ${secret}`);
      for (let index = 0; index < 24; index += 1)
        await bench.say(`c${index}`, "chatting on and on, as people do");
      await bench.summarize();
      expect(await bench.lines()).toContain(secret);
      await bench.rest();
      expect(await bench.memory()).toBeUndefined();
      for (const wish of wishes) await bench.core().accept(wish);
      await bench.core().rest();
      const known = await bench.archivedConversations.findConversation("fake:room:1", signal);
      expect(JSON.stringify([known, await bench.rows(), await bench.memory()])).not.toContain(secret);
      await bench.rest();
      await bench.say("m9", "what opens it?");
      expect(bench.prompt()).not.toContain(secret);
      expect(await bench.hot.holds()).not.toContain(secret);
    },
  );

  test.each(["evicted", "lost"])(
    "answers a press under an old request while it is %s, and is restored by the next message",
    async (how) => {
      await using bench = await openBench(open);
      await bench.say("m1", `the vault opens with ${secret}`);
      const { directory } = bench.core().ports;
      await bench.rest();
      if (how === "lost") {
        await bench.hot.lose();
        bench.restart();
      }
      const listed = await directory.recent("fake", "room", 9, signal);
      await bench.take(answerPress("approve", "r1"));
      expect(bench.platform.told).toEqual([expect.stringContaining("no longer open")]);
      expect(
        (await bench.core().ports.directory.recent("fake", "room", 9, signal)).map(({ title }) => title),
      ).toEqual(listed.map(({ title }) => title));
      await bench.say("m2", "what opens it?");
      expect(bench.prompt()).toContain(secret);
    },
  );

  test("gives no notice to people who talk to each other while the earlier messages can't be read", async () => {
    await using bench = await openBench(open);
    await bench.core().chore("mark");
    await bench.say("m1", "hello");
    await bench.say("m2", "hi", { by: "grace" });
    await bench.rest();
    bench.breaker.isDown = true;
    const before = bench.platform.shown;
    await bench.say("m3", "lunch?", { by: "grace", addressing: "open" });
    expect(bench.platform.told).toEqual([]);
    await bench.say("m4", "and what do you say?", { by: "grace" });
    expect(bench.platform.told).toHaveLength(1);
    expect(bench.platform.shown).toEqual(before);
  });

  test("waits a day at most for an unavailable archive; messages deleted in that time are erased when it is back", async () => {
    await using bench = await openBench(open);
    await bench.core().chore("mark");
    await bench.say("m1", `the vault opens with ${secret}`);
    await bench.say("m2", "the launch is on Friday");
    await bench.rest();
    bench.breaker.isDown = true;
    await bench.take(deleted("m1"));
    await bench.say("m3", "when is it?");
    expect(bench.platform.told.at(-1)).toMatch(/memory/u);
    bench.clock.pass(25 * 3_600_000);
    await bench.core().schedule("fake:room:1");
    expect(bench.platform.shown.at(-1)).toContain("couldn't answer");
    const letters = await bench.hot.stores.deadLetters.list(signal);
    expect(letters).toMatchObject([{ inbounds: [{ kind: "said" }] }]);
    await bench.say("m4", "and now?");
    bench.breaker.isDown = false;
    await bench.core().schedule("fake:room:1");
    expect(bench.prompt()).toContain("the launch is on Friday");
    expect(bench.prompt()).not.toContain(secret);
    await bench.file();
    expect(JSON.stringify(await bench.rows())).not.toContain(secret);
  });

  test("applies edits and deletions that arrive while the archive, which alone can locate them, is unavailable", async () => {
    await using bench = await openBench(open);
    await bench.core().chore("mark");
    await bench.say("m1", `the vault opens with ${secret}`);
    await bench.say("m2", "it costs 40");
    await bench.rest();
    bench.breaker.isDown = true;
    // As where a platform does not say in which thread they stand.
    for (const change of [deleted("m1"), edited("m2", "it costs 50")])
      await bench.take({ ...change, conversation: `fake:room:${change.message}` });
    bench.breaker.isDown = false;
    await bench.core().schedule("unplaced:fake");
    await bench.core().schedule("fake:room:1");
    await bench.file();
    expect(JSON.stringify(await bench.rows())).not.toContain(secret);
    await bench.say("m3", "what does it cost?");
    expect(bench.prompt()).toContain("it costs 50");
    expect(bench.prompt()).not.toMatch(/swordfish|it costs 40/u);
  });

  test("keeps the locations of remembered messages in the hot store, and of the others in the archive", async () => {
    await using bench = await openBench(open);
    await bench.say("m1", "the first words");
    for (let index = 0; index < 30; index += 1)
      await bench.say(`c${index}`, "chatting on and on, as people do");
    await bench.summarize();
    await bench.say("m2", "the last words");
    await bench.file();
    const { locate } = bench.hot.stores.directory;
    expect(await locate("fake", "room", "m1", signal)).toBeUndefined();
    expect(await locate("fake", "room", "m2", signal)).toBe("fake:room:1");
    expect(await bench.core().ports.directory.locate("fake", "room", "m1", signal)).toBe("fake:room:1");
  });
}

const { signal } = new AbortController();

describe("a conversation that was inactive for weeks, in SQLite", () => {
  contract(openSqliteHotStore);
});

describe.skipIf(redisIsMissing)(
  `a conversation that was inactive for weeks, in Redis ${redisIsMissing ?? ""}`,
  () => {
    let server: RedisServer;
    let count = 0;
    beforeAll(async () => {
      server = await startRedisServer("--databases", "64");
    });
    afterAll(() => server[Symbol.asyncDispose]());
    contract(() => openRedisHotStore(`${server.url}/${(count += 1)}`));
  },
);
