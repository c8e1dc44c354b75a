import { Redis } from "ioredis";
import { describe, expect, test } from "vitest";

import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { connectRedis } from "../../../src/storage/redis/connection/connect-redis.ts";
import { openRedisBroadcast } from "../../../src/storage/redis/stores/redis-broadcast.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { redisIsMissing, startRedisServer } from "../../support/redis-server.ts";
import { openTcpGate } from "../../support/tcp-gate.ts";

const patiently = { timeout: 60_000, interval: 10 };

async function open(url: string) {
  const opened = new AsyncDisposableStack();
  const log = new RecordingLog();
  const connected = await connectRedis(url, 60_000, log);
  opened.defer(connected.link.close);
  const broadcast = opened.use(await openRedisBroadcast(connected, new InProcessBroadcast(), log));
  const received: unknown[] = [];
  let gaps = 0;
  broadcast.listen("test", (message) => received.push(message));
  broadcast.onGap?.(() => (gaps += 1));
  return { broadcast, received, gaps: () => gaps, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

describe.skipIf(redisIsMissing)(`messages between replicas over Redis ${redisIsMissing ?? ""}`, () => {
  test("arrive everywhere in order, and a receiver learns that it was disconnected", async () => {
    await using server = await startRedisServer();
    await using one = await open(server.url);
    await using two = await open(server.url);
    for (const message of [1, 2, 3]) one.broadcast.send("test", message);
    for (const { received } of [one, two]) await expect.poll(() => received, patiently).toEqual([1, 2, 3]);
    expect([one.gaps(), two.gaps()]).toEqual([0, 0]);
    const redis = new Redis(server.url);
    await redis.client("KILL", "TYPE", "pubsub");
    redis.disconnect();
    for (const { gaps } of [one, two]) await expect.poll(gaps, patiently).toBe(1);
    one.broadcast.send("test", 4);
    for (const { received } of [one, two]) await expect.poll(() => received.at(-1), patiently).toBe(4);
  });

  test("that a sender could not send are announced as lost to all once it is connected again", async () => {
    await using server = await startRedisServer();
    await using gate = await openTcpGate(Number(new URL(server.url).port));
    await using sender = await open(`redis://127.0.0.1:${gate.port}`);
    await using other = await open(server.url);
    gate.cut();
    await expect
      .poll(() => {
        sender.broadcast.send("test", "lost");
        return other.received;
      }, patiently)
      .toEqual([]);
    gate.restore();
    await expect.poll(other.gaps, patiently).toBeGreaterThan(0);
    sender.broadcast.send("test", "after");
    await expect.poll(() => other.received, patiently).toContain("after");
  });
});
