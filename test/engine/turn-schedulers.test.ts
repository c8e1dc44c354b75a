import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { BullmqScheduler } from "../../src/engine/bullmq/bullmq-scheduler.ts";
import { EmbeddedScheduler } from "../../src/engine/embedded/embedded-scheduler.ts";
import { schedulerContract } from "../contracts/turn-scheduler-contract.ts";
import { connectionsOf } from "../support/core/queue-connections.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { stopsOf } from "../support/loop-stops.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../support/redis-server.ts";
import { slowness } from "../support/machine-speed.ts";

const options = () => ({ turnsAtOnce: 2, shutdownMs: 100, log: new RecordingLog() });

function opened(scheduler: EmbeddedScheduler | BullmqScheduler) {
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

describe.skipIf(redisIsMissing)(`the scheduler on BullMQ ${redisIsMissing ?? ""}`, () => {
  let server: RedisServer;
  let database = 0;
  beforeAll(async () => {
    server = await startRedisServer("--databases", "100");
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const open = async (index = (database += 1)) =>
    opened(
      new BullmqScheduler({
        ...options(),
        connections: connectionsOf(new RecordingLog()),
        url: `${server.url}/${index}`,
      }),
    );

  schedulerContract(() => open());

  test("hands the conversations of a closing replica to another one at once", async () => {
    await using one = await open(90);
    await using other = await open(90);
    const begun: string[] = [];
    one.start(async (_conversation, signal) => {
      begun.push("one");
      const { promise, resolve } = Promise.withResolvers<"rest">();
      signal.addEventListener("abort", () => resolve("rest"), { once: true });
      return promise;
    });
    await one.scheduler.schedule("fake:a", AbortSignal.timeout(600_000));
    await expect.poll(() => begun, { timeout: 60_000 }).toEqual(["one"]);
    other.start(async () => {
      begun.push("other");
      return "rest";
    });
    await one.close();
    // Without that, it would take the eight seconds of a lock.
    await expect.poll(() => begun, { timeout: 6_000 }).toEqual(["one", "other"]);
  });
});
