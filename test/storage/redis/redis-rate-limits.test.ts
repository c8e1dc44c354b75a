import { createClient } from "@keyv/redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { RedisRateLimits } from "../../../src/storage/redis/stores/redis-rate-limits.ts";
import { Redis } from "../../../src/storage/redis/commands/redis.ts";
import { rateLimitsContract } from "../../contracts/rate-limits-contract.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../../support/redis-server.ts";

const signal = new AbortController().signal;

describe.skipIf(redisIsMissing !== undefined)("the rate limits of all replicas", () => {
  let server: RedisServer;
  let client: ReturnType<typeof createClient>;
  const open = () => {
    let nowMs = 1_000_000.25;
    let sent = 0;
    const sendCommand = (command: string[]) => {
      sent += 1;
      return client.sendCommand(command);
    };
    const redis = new Redis({ sendCommand });
    return {
      sent: () => sent,
      limits: new RedisRateLimits(redis, { nowMs: async () => nowMs }),
      pass: (ms: number) => void (nowMs += ms),
    };
  };

  beforeAll(async () => {
    server = await startRedisServer();
    client = createClient({ url: server.url });
    client.on("error", () => undefined);
    await client.connect();
  });

  afterAll(async () => {
    client.destroy();
    await server[Symbol.asyncDispose]();
  });

  rateLimitsContract(open);

  test("are shared by two replicas, and every key expires", async () => {
    const [one, other] = [open().limits, open().limits];
    const limit = { name: "shared", calls: 2, windowMs: 60_000 };
    await other.pause(limit, 0, signal);
    expect(await one.reserve(limit, "a", signal)).toBe(0);
    expect(await other.reserve(limit, "b", signal)).toBe(0);
    expect(await one.reserve(limit, "c", signal)).toBe(60_000);
    await one.open(limit, "a", signal);
    await other.pause(limit, 70_000, signal);
    expect(await one.reserve(limit, "c", signal)).toBe(70_000);
    await one.reserveForGrowth(limit, { answer: "a", isFirst: true }, signal);
    const keys = await client.keys("threadkeeper:rate:*shared");
    expect(keys).toHaveLength(4);
    for (const key of keys) expect(await client.pTTL(key)).toBeGreaterThan(0);
  });

  test("counts a moment later what was not asked about, and tells it before growth, a pause and the end", async () => {
    const limit = { name: "noted", calls: 3, windowMs: 60_000 };
    const calls = "threadkeeper:rate:calls:noted";
    const ends = "threadkeeper:rate:open:noted";
    const { limits, sent } = open();
    await limits.reserve(limit, "a", signal, { opens: { limit, answer: "a" } });
    const before = sent();
    await limits.reserve(limit, "b", signal, { opens: { limit, answer: "b" } });
    await limits.reserve(limit, "c", signal, { opens: { limit, answer: "c" }, closes: "a" });
    expect(sent()).toBe(before);
    await expect.poll(() => client.zCard(calls), { timeout: 50_000 }).toBe(3);
    expect(await client.zRange(ends, 0, -1)).toEqual(["b", "c"]);
    await limits.reserve(limit, "d", signal, { closes: "b" });
    expect(await limits.reserveForGrowth(limit, { answer: "c", isFirst: false }, signal)).toBeGreaterThan(0);
    expect([await client.zCard(calls), await client.zRange(ends, 0, -1)]).toEqual([4, ["c"]]);
    await limits.reserve(limit, "e", signal, { closes: "c" });
    await limits[Symbol.asyncDispose]();
    expect([await client.zCard(calls), await client.exists(ends)]).toEqual([5, 0]);
    for (const key of await client.keys("threadkeeper:rate:*noted"))
      expect(await client.pTTL(key)).toBeGreaterThan(0);
  });

  test("learn of another replica's pause within half a second", async () => {
    const limit = { name: "elsewhere", calls: 3, windowMs: 60_000 };
    const { limits, pass } = open();
    await limits.reserve(limit, "a", signal);
    await open().limits.pause(limit, 30_000, signal);
    pass(499);
    expect(await limits.reserve(limit, "b", signal)).toBe(0);
    pass(1);
    expect(await limits.reserve(limit, "c", signal)).toBe(29_500);
    expect(await limits.reserve(limit, "c", signal)).toBe(29_500);
  });

  test("a look while a pause is on its way frees nothing after it", async () => {
    const limit = { name: "overtaken", calls: 3, windowMs: 60_000 };
    const { promise: read, resolve } = Promise.withResolvers<void>();
    let isHeld = true;
    const nowMs = async (): Promise<number> => {
      if (isHeld) await read;
      return 1_000_000;
    };
    const redis = new Redis({ sendCommand: (command) => client.sendCommand(command) });
    const limits = new RedisRateLimits(redis, { nowMs });
    const pausing = limits.pause(limit, 30_000, signal);
    isHeld = false;
    expect(await limits.reserve(limit, "a", signal)).toBe(0);
    resolve();
    await pausing;
    expect(await limits.reserve(limit, "b", signal)).toBe(30_000);
  });

  test("are asked about once for calls that are made at once, unless they have to wait", async () => {
    const limit = { name: "together", calls: 90, windowMs: 60_000 };
    const { limits, sent, pass } = open();
    const callAll = () =>
      Promise.all(["a", "b", "c", "d"].map((ticket) => limits.reserve(limit, ticket, signal)));
    // The server knows the script from then on.
    await limits.reserve({ ...limit, name: "before" }, "a", signal);
    let before = sent();
    expect(await callAll()).toEqual([0, 0, 0, 0]);
    expect(sent() - before).toBe(1);
    await open().limits.pause(limit, 30_000, signal);
    pass(500);
    await limits.reserve({ ...limit, name: "before" }, "a", signal);
    before = sent();
    expect(await callAll()).toEqual([29_500, 29_500, 29_500, 29_500]);
    expect(sent() - before).toBe(4);
  });

  test("keep a promise until its time, whatever other calls are made meanwhile", async () => {
    const { limits, pass } = open();
    const limit = { name: "promised", calls: 1, windowMs: 60_000 };
    await limits.pause(limit, 0, signal);
    for (let index = 0; index < 6; index += 1)
      expect(await limits.reserve(limit, `${index}`, signal)).toBe(index * 60_000);
    pass(60_000);
    expect(await limits.reserve(limit, "1", signal)).toBe(0);
    // The last promise is for in four minutes.
    expect(await client.pTTL("threadkeeper:rate:calls:promised")).toBeGreaterThan(240_000);
  });

  test("forget calls that are too old to count", async () => {
    const { limits, pass } = open();
    const limit = { name: "busy", calls: 1, windowMs: 1_000 };
    const count = 300;
    for (let calls = 0; calls < count; calls += 1) {
      expect(await limits.reserve(limit, `${calls}`, signal)).toBe(0);
      await limits.reserveForGrowth(limit, { answer: `${calls}`, isFirst: true }, signal);
      pass(200_000);
    }
    for (const set of ["calls", "open"]) {
      expect(await client.zCard(`threadkeeper:rate:${set}:busy`)).toBeLessThan(count);
    }
  });
});
