import { Redis } from "ioredis";
import { expect, test } from "vitest";

import { readRedisCounters, shareInScripts } from "../../bench/compare/redis-counters.ts";
import { startRedisServer, redisIsMissing } from "../support/redis-server.ts";

test.skipIf(redisIsMissing)("commands are counted, and those of scripts apart", async () => {
  await using server = await startRedisServer();
  const redis = new Redis(server.url);
  const before = await readRedisCounters(server.url);
  const script = "for i = 1, 8 do redis.call('SET', 'a', i) end";
  const share = await shareInScripts(server.url, async () => {
    await redis.set("b", "1");
    await redis.eval(script, 0);
  });
  const after = await readRedisCounters(server.url);
  redis.disconnect();
  // SET and EVAL from outside, eight SETs in the script.
  expect(share).toBeCloseTo(0.8);
  expect(after.commands - before.commands).toBeGreaterThanOrEqual(10);
  expect(after.reads - before.reads).toBeGreaterThanOrEqual(2);
  expect(after.bytes - before.bytes).toBeGreaterThan(script.length);
  expect(after.cpuMs).toBeGreaterThan(0);
});
