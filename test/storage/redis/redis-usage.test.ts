import { createClient } from "@keyv/redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { RedisUsage } from "../../../src/storage/redis/stores/redis-usage.ts";
import { Redis } from "../../../src/storage/redis/commands/redis.ts";
import { usageContract } from "../../contracts/usage-contract.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../../support/redis-server.ts";

describe.skipIf(redisIsMissing !== undefined)(`usage in Redis ${redisIsMissing ?? ""}`, () => {
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
    return { client, usage: new RedisUsage(new Redis(client)), [Symbol.asyncDispose]: () => client.close() };
  }

  usageContract(async () => {
    const opened = await replica();
    await opened.client.flushAll();
    return opened;
  });

  test("is counted over all replicas, reveals no names, and expires", async () => {
    await using one = await replica();
    await using other = await replica();
    await one.client.flushAll();
    const charge = { counter: 'personTurns:["slack","T1/UADA"]', amount: 3, limit: 4 };
    await one.usage.charge([charge], Date.now(), signal);
    expect(await other.usage.charge([charge], Date.now(), signal)).toEqual(charge);
    await one.usage.enter({ holder: "T1/UADA", turn: "t" }, { most: 1, heldMs: 60_000 }, Date.now(), signal);
    const keys = await one.client.keys("*");
    expect(keys.join(" ")).not.toContain("UADA");
    for (const key of keys) expect(await one.client.pTTL(key)).toBeGreaterThan(0);
    const fields = await one.client.hKeys(keys.find((key) => key.includes("usage")) ?? "");
    expect(fields.join(" ")).not.toContain("UADA");
  });
});
