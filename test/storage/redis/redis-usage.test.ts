import { createClient } from "@keyv/redis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { RedisUsage } from "../../../src/storage/redis/stores/redis-usage.ts";
import { Redis } from "../../../src/storage/redis/commands/redis.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
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
    const usage = new RedisUsage(new Redis(client), new RecordingLog());
    const close = async (): Promise<void> => {
      await usage[Symbol.asyncDispose]();
      await client.close();
    };
    return { client, usage, [Symbol.asyncDispose]: close };
  }

  usageContract(async () => {
    const opened = await replica();
    await opened.client.flushAll();
    return opened;
  });

  /** A counter at its limit, which one replica corrects by 1. `next`: the next charge of another. */
  async function correction() {
    const [one, other] = [await replica(), await replica()];
    await one.client.flushAll();
    const full = { counter: "full", amount: 4, limit: 4 };
    await one.usage.charge([full], Date.now(), signal);
    one.usage.adjust([{ ...full, amount: -1 }], Date.now());
    const next = () => other.usage.charge([{ ...full, amount: 1 }], Date.now(), signal);
    const close = async (): Promise<void> => {
      await one[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
    };
    return { usage: one.usage, next, [Symbol.asyncDispose]: close };
  }

  test("is corrected for other replicas a moment later", async () => {
    await using corrected = await correction();
    await expect.poll(corrected.next, { timeout: 60_000 }).toBeUndefined();
  });

  test("is corrected before the store is closed", async () => {
    await using corrected = await correction();
    await corrected.usage[Symbol.asyncDispose]();
    expect(await corrected.next()).toBeUndefined();
  });

  test("is counted over all replicas, reveals no names, and expires", async () => {
    await using one = await replica();
    await using other = await replica();
    await one.client.flushAll();
    const charge = { counter: 'personTurns:["slack","T1/UADALOVELACE"]', amount: 3, limit: 4 };
    await one.usage.charge([charge], Date.now(), signal);
    expect(await other.usage.charge([charge], Date.now(), signal)).toEqual(charge);
    await one.usage.enter(
      { holder: "T1/UADALOVELACE", turn: "t" },
      { most: 1, heldMs: 60_000 },
      Date.now(),
      signal,
    );
    const keys = await one.client.keys("*");
    expect(keys.join(" ")).not.toContain("UADALOVELACE");
    for (const key of keys) expect(await one.client.pTTL(key)).toBeGreaterThan(0);
    const fields = await one.client.hKeys(keys.find((key) => key.includes("usage")) ?? "");
    expect(fields.join(" ")).not.toContain("UADALOVELACE");
  });
});
