import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../src/conversation/inbounds/registry.ts";
import { EmbeddedScheduler } from "../../src/engine/embedded/embedded-scheduler.ts";
import { InProcessBroadcast } from "../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../src/engine/embedded/in-process-interruptions.ts";
import { ReplicaScheduler } from "../../src/engine/replicas/replica-scheduler.ts";
import { BusyError, StaleLeaseError } from "../../src/ports/journal.ts";
import { systemClock as clock } from "../../src/runtime/clock.ts";
import { randomIds as ids } from "../../src/runtime/ids.ts";
import { openRedisStores } from "../../src/storage/redis/open-redis-stores.ts";
import { schedulerContract } from "../contracts/turn-scheduler-contract.ts";
import { said } from "../support/core/inbounds.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { stopsOf } from "../support/loop-stops.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";
import { strayErrors, untilStraysAreAnnounced } from "../support/stray-errors.ts";
import { slowness } from "../support/machine-speed.ts";

const options = () => ({ turnsAtOnce: 2, shutdownMs: 100, log: new RecordingLog() });

const { signal } = new AbortController();
const patiently = { timeout: 60_000, interval: 20 };

function opened<Scheduler extends EmbeddedScheduler | ReplicaScheduler>(scheduler: Scheduler) {
  const close = () => scheduler[Symbol.asyncDispose]();
  let closing: Promise<void> | undefined;
  return {
    scheduler,
    start: (runNextTurn: Parameters<typeof scheduler.start>[0]) => scheduler.start(runNextTurn),
    close: () => (closing ??= close()),
    [Symbol.asyncDispose]: () => (closing ??= close()),
  };
}

describe("the embedded scheduler", () => {
  schedulerContract(async () => opened(new EmbeddedScheduler(options())));

  test("lets other events run between turns that never wait", async () => {
    await using scheduler = new EmbeddedScheduler({ ...options(), turnsAtOnce: 20 });
    let begun = 0;
    scheduler.start(async () => {
      begun += 1;
      for (let step = 0; step < 4; step += 1) {
        for (const endMs = performance.now() + 0.5; performance.now() < endMs;);
        await Promise.resolve();
      }
      return "rest";
    });
    const conversations = 200;
    const { longestWorkedMs } = await stopsOf(async () => {
      for (let index = 0; index < conversations; index += 1) await scheduler.schedule(`fake:${index}`);
      await expect.poll(() => begun, { timeout: 60_000, interval: 1 }).toBe(conversations);
    });
    // Run without a pause, the turns take 400 ms.
    expect(longestWorkedMs).toBeLessThan(100 * (await slowness()));
  });
});

describe.skipIf(redisIsMissing)(`the scheduler of a replica ${redisIsMissing ?? ""}`, () => {
  let server: RedisServer;
  let database = 0;
  beforeAll(async () => {
    server = await startRedisServer("--databases", "100");
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** `beats: false`: it says only once that it is alive. */
  const open = async (index = (database += 1), { beats = true } = {}) => {
    await using opening = new AsyncDisposableStack();
    const log = new RecordingLog();
    const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
    const ports = { waitMs: 60_000, ids, inbounds, clock, log, listeners };
    const stores = opening.use(await openRedisStores(`${server.url}/${index}`, ports));
    const { workers, broadcast } = stores;
    if (workers === undefined) throw new Error("Redis has replicas");
    const sleepless = { ...clock, sleep: () => new Promise<void>(() => undefined) };
    const scheduler = await ReplicaScheduler.open({
      ...options(),
      worker: ids.name(),
      workers,
      broadcast,
      clock: beats ? clock : sleepless,
    });
    opening.use({ [Symbol.asyncDispose]: async () => (beats ? opened(scheduler).close() : undefined) });
    const done = opening.move();
    return { ...opened(scheduler), stores, [Symbol.asyncDispose]: () => done.disposeAsync() };
  };

  schedulerContract(() => open());

  test("asks the others for help when it is full, and one with room runs the turn", async () => {
    await using one = await open(90);
    await using other = await open(90);
    const begun: string[] = [];
    const gate = Promise.withResolvers<"rest">();
    one.start(async (conversation) => {
      begun.push(`one ${conversation}`);
      return gate.promise;
    });
    other.start(async (conversation) => {
      begun.push(`other ${conversation}`);
      return "rest";
    });
    for (const name of ["a", "b", "c"] as const) await one.scheduler.schedule(`fake:${name}`);
    await expect.poll(() => begun, patiently).toEqual(["one fake:a", "one fake:b", "other fake:c"]);
    gate.resolve("rest");
    // It stays in the queue where it was scheduled: the broadcast may have been lost.
    await expect.poll(() => begun.at(-1), patiently).toBe("one fake:c");
  });

  test("survives what another program sends on its channels", async () => {
    const stray = strayErrors();
    await using one = await open();
    const begun: string[] = [];
    one.start(async (conversation) => {
      begun.push(conversation);
      return "rest";
    });
    for (const news of ["nonsense", 1, "fake:a"]) one.stores.broadcast.send("help", news);
    await expect.poll(() => begun, patiently).toEqual(["fake:a"]);
    await untilStraysAreAnnounced();
    expect(stray).toEqual([]);
  });

  test("tells the others when it closes, and they see when one has died", async () => {
    await using one = await open(91);
    const dead = await open(91, { beats: false });
    await using other = await open(91);
    let ends = 0;
    other.scheduler.onEndOfOther(() => (ends += 1));
    other.start(async () => "rest");
    await one.close();
    await expect.poll(() => ends, patiently).toBe(1);
    await expect.poll(() => ends, patiently).toBe(2);
    await dead.stores[Symbol.asyncDispose]();
  });

  test("hands the conversations of a closing replica to another one at once", async () => {
    await using one = await open(93);
    await using other = await open(93);
    const begun: string[] = [];
    one.start(async (conversation, aborted) => {
      begun.push(`one ${conversation}`);
      const { promise, resolve } = Promise.withResolvers<"rest">();
      aborted.addEventListener("abort", () => resolve("rest"), { once: true });
      return promise;
    });
    // Two run, and one is queued; nobody is there yet to help with it.
    for (const name of ["a", "b", "c"] as const) await one.scheduler.schedule(`fake:${name}`);
    await expect.poll(() => begun, patiently).toHaveLength(2);
    other.start(async (conversation) => {
      begun.push(`other ${conversation}`);
      return "rest";
    });
    await one.close();
    await expect
      .poll(() => begun.slice(2).toSorted(), patiently)
      .toEqual(["other fake:a", "other fake:b", "other fake:c"]);
  });

  // It fails on a machine that stands still for eight seconds.
  test(
    "takes over at once what a killed process left, if no other one is connected",
    { retry: 3 },
    async () => {
      await using alone = await startRedisServer();
      const openAt = async () => {
        const listeners = {
          interruptions: new InProcessInterruptions(),
          broadcast: new InProcessBroadcast(),
        };
        const ports = { waitMs: 60_000, ids, inbounds, clock, log: new RecordingLog(), listeners };
        const stores = await openRedisStores(alone.url, ports);
        const { workers } = stores;
        if (workers === undefined) throw new Error("Redis has replicas");
        return { ...stores, workers };
      };
      let deadAtMs = 0;
      {
        await using killed = await openAt();
        await killed.workers.beat("killed", signal);
        deadAtMs = performance.now() + 8_000;
        await killed.inbox.accept(said("a", "hello"), 1, signal);
        await killed.journal.claim("fake:room:1", "killed", signal);
        // While it is connected, a second process starts.
        await using second = await openAt();
        await second.workers.beat("second", signal, 0);
        await expect(second.journal.claim("fake:room:1", "second", signal)).rejects.toThrow(BusyError);
        await second.workers.leave("second", signal);
      }
      await using next = await openAt();
      // Both connections have to be closed on the server's side, too.
      await expect.poll(() => next.workers.beat("next", signal, 0), patiently).toBe(true);
      const claim = await next.journal.claim("fake:room:1", "next", signal);
      expect(claim.leftBy).toBe("killed");
      expect(performance.now()).toBeLessThan(deadAtMs);
    },
  );

  test("is respected by claims of others while it lives, and not longer", async () => {
    await using one = await open(92);
    const { inbox, journal, workers } = one.stores;
    await inbox.accept(said("a", "hello"), 1, signal);
    const claim = await journal.claim("fake:room:1", "dead", signal);
    expect(claim.waiting).toHaveLength(1);
    await workers?.beat("living", signal);
    // Its claim was not recorded by a process that lives.
    await journal.claim("fake:room:1", "living", signal);
    await expect(journal.claim("fake:room:1", "other", signal)).rejects.toThrow(BusyError);
    await expect(journal.assertCurrent(claim.lease, signal)).rejects.toThrow(StaleLeaseError);
    const again = await journal.claim("fake:room:1", "living", signal);
    await workers?.leave("living", signal);
    const taken = await journal.claim("fake:room:1", "other", signal);
    expect(taken.leftBy).toBe("living");
    await expect(journal.assertCurrent(again.lease, signal)).rejects.toThrow(StaleLeaseError);
  });
});
