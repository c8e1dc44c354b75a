import { setTimeout } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import { openHaltingWorld } from "../support/core/halting-world.ts";
import { openRedisHotStore, openSqliteHotStore, type HotStore } from "../support/core/hot-store.ts";
import { said } from "../support/core/inbounds.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";

const patiently = { timeout: 60_000, interval: 5 };
const conversation: ConversationKey = "fake:room:1";
const { signal } = new AbortController();
const words = "What people read";
const stoppedHere = "\n\n*(Stopped here.)*";

function contract(openHot: () => Promise<HotStore>): void {
  test("what people have read stays, wherever the process is killed after a Stop", async () => {
    for (let [more, isWhole] = [0, false]; !isWhole; more += 1) {
      await using world = await openHaltingWorld(openHot, [words]);
      const dying = world.start();
      await dying.accept(said("a", "one"));
      const settling = dying.settle();
      await world.isRead(dying.calls, words);
      dying.dieAfter(more);
      const stop = world.stop();
      isWhole = (await dying.accept(stop)) && (await settling);
      const next = world.start();
      await next.accept(stop);
      await next.sweep([conversation]);
      await next.settle();
      const outcome = {
        killedAfter: dying.calls.at(-1),
        shown: world.platform.shown,
        remembered: await world.remembered(),
        prompts: world.model.prompts.length,
      };
      expect(outcome).toEqual({
        ...outcome,
        shown: [`${words}${stoppedHere}`],
        remembered: ["one", `${words}${stoppedHere}`],
        prompts: 1,
      });
    }
  });

  test("a Stop ends the answer although the process that stored it was killed before it said so", async () => {
    await using world = await openHaltingWorld(openHot, [words]);
    const running = world.start();
    await running.accept(said("a", "one"));
    const settling = running.settle();
    await world.isRead(running.calls, words);
    await world.stores.inbox.accept(world.stop(), Date.now(), signal);
    expect(await settling).toBe(true);
    expect(world.platform.shown).toEqual([`${words}${stoppedHere}`]);
  });
}

describe("with SQLite", () => {
  contract(openSqliteHotStore);

  test("so does what they have read since, but for the last two seconds", async () => {
    const more = Promise.withResolvers<void>();
    const pieces = (async function* () {
      yield words;
      await more.promise;
      yield ", and what came later";
    })();
    await using world = await openHaltingWorld(openSqliteHotStore, pieces);
    const dying = world.start();
    await dying.accept(said("a", "one"));
    void dying.settle();
    await world.isRead(dying.calls, words);
    await setTimeout(2_100);
    more.resolve();
    const saves = () => dying.calls.slice(dying.calls.indexOf("platform.editPost")).includes("journal.save");
    await expect.poll(saves, patiently).toBe(true);
    dying.dieAfter(0);
    const next = world.start();
    await next.accept(world.stop());
    await next.settle();
    expect(world.platform.shown).toEqual([`${words}, and what came later${stoppedHere}`]);
  });
});

describe.skipIf(redisIsMissing)("with Redis", () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());
  contract(() => openRedisHotStore(server.url));
});
