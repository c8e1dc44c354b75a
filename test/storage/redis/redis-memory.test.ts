import KeyvRedis from "@keyv/redis";
import { Keyv } from "keyv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { MemoryError } from "../../../src/ports/memory.ts";
import type { Recollection } from "../../../src/domain/recollection.ts";
import { randomIds } from "../../../src/runtime/ids.ts";
import { openRedisMemory } from "../../../src/storage/redis/open-redis-memory.ts";
import { memoryContract } from "../../contracts/memory-contract.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { strayErrors, untilStraysAreAnnounced } from "../../support/stray-errors.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../../support/redis-server.ts";

const record: Recollection = {
  version: 1,
  conversation: "fake:room:1",
  chapter: 1,
  messages: [],
  leftOut: 0,
  speakers: [],
};
const patiently = { timeout: 15_000, interval: 20 };
const signal = (): AbortSignal => AbortSignal.timeout(20_000);

describe.skipIf(redisIsMissing)(`working memory on Redis ${redisIsMissing ?? ""}`, () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  async function open() {
    const log = new RecordingLog();
    const opened = await openRedisMemory({ url: server.url, ids: randomIds, log });
    const adapter = new KeyvRedis(server.url, { namespace: "threadkeeper", throwOnErrors: true });
    const keyv = new Keyv({ store: adapter, useKeyPrefix: false, throwOnErrors: true });
    return {
      ...opened,
      log,
      keyv,
      [Symbol.asyncDispose]: async () => {
        await keyv.clear();
        await keyv.disconnect();
        await opened[Symbol.asyncDispose]();
      },
    };
  }

  memoryContract(open);
});

describe.skipIf(redisIsMissing)(`a Redis that goes away ${redisIsMissing ?? ""}`, () => {
  test("while stopped rejects reads and writes within a second, and works again by itself", async () => {
    const stray = strayErrors();
    await using server = await startRedisServer();
    const log = new RecordingLog();
    await using redis = await openRedisMemory({ url: server.url, ids: randomIds, log });
    await redis.memory.remember(record, signal());
    await server.kill();
    for (let round = 0; round < 3; round += 1) {
      const startedAtMs = Date.now();
      await expect(redis.memory.recall("fake:room:1", signal())).rejects.toThrow(MemoryError);
      await expect(redis.memory.remember(record, signal())).rejects.toThrow(MemoryError);
      await expect(redis.memory.forget("fake:room:1", signal())).rejects.toThrow(MemoryError);
      expect(Date.now() - startedAtMs).toBeLessThan(4_000);
    }
    await expect.poll(redis.health, patiently).toMatchObject({ ok: false });
    await server.start();
    await expect.poll(redis.health, patiently).toMatchObject({ ok: true });
    expect((await redis.memory.recall("fake:room:1", signal())).recollection).toEqual(record);
    expect(log.lines.map(({ message }) => message)).toEqual([
      "Redis is lost; answers wait until it is back",
      "Redis is back",
    ]);
    expect(stray).toEqual([]);
  });

  test("while frozen rejects reads and writes within a second, and works again by itself", async () => {
    const stray = strayErrors();
    await using server = await startRedisServer();
    await using redis = await openRedisMemory({ url: server.url, ids: randomIds, log: new RecordingLog() });
    await redis.memory.remember(record, signal());
    server.freeze();
    const startedAtMs = Date.now();
    await Promise.all([
      expect(redis.memory.recall("fake:room:1", signal())).rejects.toThrow(MemoryError),
      expect(redis.memory.remember({ ...record, chapter: 2 }, signal())).rejects.toThrow(MemoryError),
    ]);
    expect(Date.now() - startedAtMs).toBeLessThan(4_000);
    await expect.poll(redis.health, patiently).toMatchObject({ ok: false });
    server.thaw();
    await expect
      .poll(
        async () => (await redis.memory.recall("fake:room:1", signal()).catch(() => undefined))?.recollection,
        patiently,
      )
      .toBeDefined();
    expect(stray).toEqual([]);
  });

  test("while stopped leaves no stray rejection when the asker is gone too", async () => {
    const stray = strayErrors();
    await using server = await startRedisServer();
    await using redis = await openRedisMemory({ url: server.url, ids: randomIds, log: new RecordingLog() });
    await server.kill();
    await expect.poll(redis.health, patiently).toMatchObject({ ok: false });
    await expect(redis.memory.recall("fake:room:1", AbortSignal.abort())).rejects.toThrow(/aborted/u);
    await untilStraysAreAnnounced();
    expect(stray).toEqual([]);
  });

  test("sets nothing aside, and says nothing of it, while it is away", async () => {
    await using server = await startRedisServer();
    const log = new RecordingLog();
    await using redis = await openRedisMemory({ url: server.url, ids: randomIds, log });
    await server.kill();
    await expect(redis.memory.recall("fake:room:1", signal())).rejects.toThrow(MemoryError);
    expect(log.lines.map(({ message }) => message)).not.toContainEqual(expect.stringContaining("set aside"));
  });

  test("while nobody asks is noticed when it freezes", async () => {
    await using server = await startRedisServer();
    await using redis = await openRedisMemory({ url: server.url, ids: randomIds, log: new RecordingLog() });
    expect(redis.health()).toEqual({ ok: true, why: "" });
    server.freeze();
    await expect.poll(redis.health, patiently).toEqual({ ok: false, why: "Redis can't be reached" });
  });

  test("does not hold up the end of the process when it is frozen", async () => {
    await using server = await startRedisServer();
    const redis = await openRedisMemory({ url: server.url, ids: randomIds, log: new RecordingLog() });
    server.freeze();
    await redis[Symbol.asyncDispose]();
    expect(redis.health().ok).toBe(false);
  });
});
