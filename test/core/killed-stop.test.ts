import { setTimeout } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { ConversationKey } from "../../src/domain/conversation.ts";
import { openRedisHotStore, openSqliteHotStore, type HotStore } from "../support/core/hot-store.ts";
import { FakePlatform } from "../support/core/fake-platform.ts";
import { HandClock } from "../support/core/hand-clock.ts";
import { InMemoryArchive } from "../support/core/in-memory-archive.ts";
import { said, stopped } from "../support/core/inbounds.ts";
import { openKillableCore } from "../support/core/killable-core.ts";
import { ScriptedModel } from "../support/core/scripted-model.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";

const patiently = { timeout: 60_000, interval: 5 };
const conversation: ConversationKey = "fake:room:1";
const { signal } = new AbortController();
const words = "What people read";
const stoppedHere = "\n\n*(Stopped here.)*";

function aborted(given: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  given.addEventListener("abort", () => reject(given.reason), { once: true });
  return promise;
}

type Pieces = Iterable<string> | AsyncIterable<string>;

/** Processes over the same stores, whose model writes a little to each question and then no more. */
async function openWorld(openHot: () => Promise<HotStore>, pieces: Pieces = [words]) {
  const opened = new AsyncDisposableStack();
  const hot = opened.use(await openHot());
  opened.defer(async () => void (await hot.lose()));
  const platform = new FakePlatform({ carriesStop: true });
  const model = new ScriptedModel(async function* (_, given) {
    yield* pieces;
    await aborted(given);
  });
  const ports = {
    stores: hot.stores,
    archive: new InMemoryArchive(),
    platform,
    model,
    clock: new HandClock(),
  };
  return {
    platform,
    model,
    stores: hot.stores,
    /** The text is shown, and the journal has the post. */
    isRead: async (calls: readonly string[]): Promise<void> => {
      await expect.poll(() => platform.shown, patiently).toEqual([words]);
      const isNoted = (): boolean =>
        calls.slice(calls.indexOf("platform.createPost")).includes("journal.save");
      await expect.poll(isNoted, patiently).toBe(true);
    },
    start: () => openKillableCore(ports),
    /** As the button under the post says it. */
    stop: () => stopped({ turn: platform.posts[0]?.post.turn ?? "none" }),
    remembered: async () =>
      (await hot.stores.memories.read(conversation, signal)).memory?.messages.map(({ text }) => text),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function contract(openHot: () => Promise<HotStore>): void {
  test("what people have read stays, wherever the process is killed after a Stop", async () => {
    for (let [more, isWhole] = [0, false]; !isWhole; more += 1) {
      await using world = await openWorld(openHot);
      const dying = world.start();
      await dying.accept(said("a", "one"));
      const settling = dying.settle();
      await world.isRead(dying.calls);
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
  }, 60_000);

  test("a Stop ends the answer although the process that stored it was killed before it said so", async () => {
    await using world = await openWorld(openHot);
    const running = world.start();
    await running.accept(said("a", "one"));
    const settling = running.settle();
    await world.isRead(running.calls);
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
    await using world = await openWorld(openSqliteHotStore, pieces);
    const dying = world.start();
    await dying.accept(said("a", "one"));
    void dying.settle();
    await world.isRead(dying.calls);
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
