import { Redis } from "ioredis";
import { expect, test } from "vitest";

import {
  commandsDuring,
  memoryBytesIn,
  readRedisCounters,
  shareOfScripts,
} from "../../bench/compare/redis-counters.ts";
import { startRedisServer, redisIsMissing } from "../support/redis-server.ts";

test.skipIf(redisIsMissing)("commands are counted, and those of scripts apart", async () => {
  await using server = await startRedisServer();
  const redis = new Redis(server.url);
  const before = await readRedisCounters(server.url);
  const script = "for i = 1, 8 do redis.call('SET', 'a', i) end";
  const commands = await commandsDuring(server.url, async () => {
    await redis.set("b", "1");
    await redis.eval(script, 0);
  });
  const after = await readRedisCounters(server.url);
  redis.disconnect();
  // SET and EVAL from outside, eight SETs in the script.
  expect(shareOfScripts(commands)).toBeCloseTo(0.8);
  expect(after.commands - before.commands).toBeGreaterThanOrEqual(10);
  expect(after.reads - before.reads).toBeGreaterThanOrEqual(2);
  expect(after.bytes - before.bytes).toBeGreaterThan(after.receivedBytes - before.receivedBytes);
  expect(after.receivedBytes - before.receivedBytes).toBeGreaterThan(script.length);
  expect(after.cpuMs).toBeGreaterThan(0);
});

test.skipIf(redisIsMissing)("bytes that are written to memories are counted, keys and values", async () => {
  await using server = await startRedisServer();
  const redis = new Redis(server.url);
  const head = "threadkeeper::memory:slack:T1:C1:1.2";
  const pages = "threadkeeper:pages:slack:T1:C1:1.2";
  // Quotes, a line break, and two bytes for one letter.
  const value = '{"text":"\n\\ä"}';
  const commands = await commandsDuring(server.url, async () => {
    await redis.eval("redis.call('SET', KEYS[1], ARGV[1]); redis.call('GET', KEYS[1])", 1, head, value);
    await redis.sadd(pages, "p1");
    await redis.mset(`${head}|p1`, "12345", "threadkeeper:seq", "123", `${head}|p2`, "6");
    await redis.del("threadkeeper:seq", `${head}|p2`);
    await redis.get(head);
    await redis.set("threadkeeper:inbox:slack:T1:C1:1.2", value);
  });
  redis.disconnect();
  const written = head.length + Buffer.byteLength(value) + pages.length + 2;
  expect(memoryBytesIn(commands)).toBe(written + 3 * (head.length + 3) + 6);
});
