import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { Inbound } from "../../src/domain/inbound.ts";
import type { Message } from "../../src/domain/message.ts";
import { turnShown } from "../support/core/again-bench.ts";
import { aborted, greeting, openHaltingWorld } from "../support/core/halting-world.ts";
import { openRedisHotStore, openSqliteHotStore, type HotStore } from "../support/core/hot-store.ts";
import { againPress, removed, reworded, said, stopped } from "../support/core/inbounds.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";

const { signal } = new AbortController();
const words = "You like Marzipanstollen4711";
const stoppedHere = `${words}\n\n*(Stopped here.)*`;
const nothing = "*(Stopped.)*";
const quoted: Message = {
  id: "q",
  text: "marzipan!",
  author: { id: "eve", name: "Eve" },
  saidAtMs: 1_000,
  attachments: [],
};

type World = Awaited<ReturnType<typeof openHaltingWorld>>;

/** Ada greets the bot, and Bob says something. */
async function converse(core: ReturnType<World["start"]>): Promise<void> {
  const more = said("old", "I like Marzipanstollen4711", { by: "bob", addressing: "others" });
  for (const inbound of [said("first", greeting), more]) {
    await core.accept(inbound);
    await core.settle();
  }
}

/** Bob said something before, the answer to Ada's question repeats it, and the process is killed. */
async function leaveDraft(
  openHot: () => Promise<HotStore>,
  question: Inbound = said("a", "what do we like?"),
): Promise<World> {
  const world = await openHaltingWorld(openHot, [words]);
  const dying = world.start();
  await converse(dying);
  await dying.accept(question);
  void dying.settle();
  await world.isRead(dying.calls, words);
  dying.dieAfter(0);
  return world;
}

const forgot = (author: string): Inbound => ({
  kind: "forgot",
  conversation: "fake:room:1",
  platform: "fake",
  place: "room",
  dedupeId: `forgot:${author}`,
  forgetting: `forgetting:${author}`,
  author,
  beforeMs: Number.MAX_SAFE_INTEGER,
});

const losses: readonly (readonly [string, readonly Inbound[]])[] = [
  ["an older message was deleted", [removed("old")]],
  ["an older message was corrected", [reworded("old", "I like cake")]],
  ["the question was corrected", [reworded("a", "what does she like?")]],
  ["a person was forgotten", [forgot("bob")]],
  [
    "an older message was deleted, and more was said",
    [said("b", "hm", { addressing: "others" }), removed("old")],
  ],
];

function contract(openHot: () => Promise<HotStore>): void {
  test.for(losses)("a draft is not kept by Stop if, while no process ran, %s", async ([, inbounds]) => {
    for (const isNamed of [false, true]) {
      await using world = await leaveDraft(openHot);
      const next = world.start();
      for (const inbound of inbounds) await next.accept(inbound);
      await next.accept(isNamed ? world.stop() : stopped());
      await next.settle();
      // What the chat shows stays where a person is forgotten, as after every other answer.
      const shown = inbounds.some(({ kind }) => kind === "forgot") && isNamed ? [] : world.platform.shown;
      const all = [...shown, ...((await world.remembered()) ?? [])];
      expect({ isNamed, kept: all.filter((text) => text === stoppedHere) }).toEqual({ isNamed, kept: [] });
      expect(world.model.prompts).toHaveLength(2);
    }
  });

  test("what was said and corrected since leaves the draft as it is", async () => {
    await using world = await leaveDraft(openHot);
    const next = world.start();
    for (const inbound of [said("b", "hm", { addressing: "others" }), reworded("b", "well"), stopped()])
      await next.accept(inbound);
    await next.settle();
    expect(world.platform.shown).toEqual(["Hi.", stoppedHere]);
  });

  test("a draft of a regenerated answer is not kept by Stop after a deletion, wherever that is interrupted", async () => {
    for (let [steps, isWhole] = [0, false]; !isWhole; steps += 1) {
      await using world = await openHaltingWorld(openHot, []);
      const dying = world.start();
      await converse(dying);
      await dying.accept(said("a", `say ${greeting}`));
      await dying.settle();
      world.model.script = async function* ({ messages }, given) {
        yield messages.some(({ text }) => text.includes("Marzipan")) ? words : "You like nothing";
        await aborted(given);
      };
      await dying.accept(againPress("regenerate", turnShown(world)));
      void dying.settle();
      await world.isRead(dying.calls, words);
      dying.dieAfter(0);
      const prompts = world.model.prompts.length;
      const second = world.start();
      second.dieAfter(steps);
      await second.accept(removed("old"));
      void second.settle();
      const isOver = (): boolean => second.isDead() || world.model.prompts.length > prompts;
      await expect.poll(isOver, { timeout: 60_000, interval: 2 }).toBe(true);
      isWhole = !second.isDead();
      second.dieAfter(0);
      const third = world.start();
      await third.accept(removed("old"));
      await third.accept(stopped());
      await third.settle();
      const all = [...world.platform.shown, ...((await world.remembered()) ?? [])];
      expect({ steps, kept: all.filter((text) => text.includes("Marzipan")) }).toEqual({ steps, kept: [] });
    }
  });

  test("a draft is not kept by Stop if its question was deleted", async () => {
    await using world = await leaveDraft(openHot);
    const next = world.start();
    for (const inbound of [removed("a"), stopped()]) await next.accept(inbound);
    await next.settle();
    expect(world.platform.shown).toEqual(["Hi."]);
    expect(await world.remembered()).toEqual([greeting, "Hi.", "I like Marzipanstollen4711"]);
  });

  test("a draft is not kept by Stop if its question quotes a person who was forgotten elsewhere", async () => {
    await using world = await leaveDraft(openHot, said("a", "and this?", { quoted }));
    const request = { id: "forget-eve", platform: "fake", author: "eve", beforeMs: 2_000 };
    await world.stores.erasureRequests.begin(request, signal);
    const next = world.start();
    await next.accept(stopped());
    await next.settle();
    expect(world.platform.shown).toEqual(["Hi.", nothing]);
    expect(await world.remembered()).toEqual([
      greeting,
      "Hi.",
      "I like Marzipanstollen4711",
      "and this?",
      nothing,
    ]);
  });
}

describe("with SQLite", () => {
  contract(openSqliteHotStore);
});

describe.skipIf(redisIsMissing)("with Redis", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  contract(() => openRedisHotStore(server.url));
});
