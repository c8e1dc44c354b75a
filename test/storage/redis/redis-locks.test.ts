import { createClient } from "@keyv/redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { RedisLocks } from "../../../src/storage/redis/stores/redis-locks.ts";
import { Redis } from "../../../src/storage/redis/commands/redis.ts";
import { locksContract } from "../../contracts/locks-contract.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../../support/redis-server.ts";

describe.skipIf(redisIsMissing !== undefined)(`locks in Redis ${redisIsMissing ?? ""}`, () => {
  const signal = AbortSignal.timeout(600_000);
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function replica() {
    const client = createClient({ url: server.url });
    client.on("error", () => undefined);
    await client.connect();
    const locks = new RedisLocks(new Redis(client));
    return { client, locks, [Symbol.asyncDispose]: () => client.close() };
  }

  locksContract(replica);

  test("are shared by all replicas", async () => {
    await using one = await replica();
    await using other = await replica();
    await using lock = await one.locks.tryLock("shared", signal);
    expect(lock).toBeDefined();
    expect(await other.locks.tryLock("shared", signal)).toBeUndefined();
  });

  test("expire when their holder dies, and its late release does not end the next holder's lock", async () => {
    await using one = await replica();
    await using other = await replica();
    const lost = await one.locks.tryLock("lost", signal);
    expect(await one.client.pTTL("threadkeeper:lock:lost")).toBeGreaterThan(0);
    await one.client.del("threadkeeper:lock:lost");
    await using next = await other.locks.tryLock("lost", signal);
    expect(next).toBeDefined();
    await lost?.[Symbol.asyncDispose]();
    expect(await one.locks.tryLock("lost", signal)).toBeUndefined();
  });
});
