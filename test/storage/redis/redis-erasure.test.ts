import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { createClient } from "@keyv/redis";
import { describe, expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import type { ConversationKey } from "../../../src/domain/conversation.ts";
import type { Finish } from "../../../src/ports/journal.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { openRedisStores } from "../../../src/storage/redis/open-redis-stores.ts";
import { command, said } from "../../support/core/inbounds.ts";
import { memoryOf } from "../../support/core/memory-of.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { redisIsMissing, startRedisServer, type RedisServer } from "../../support/redis-server.ts";

const signal = AbortSignal.timeout(600_000);
const patiently = { timeout: 60_000, interval: 20 };
const secret = "hunter2-CONFIDENTIAL";

async function openOn(server: RedisServer, log = new RecordingLog()) {
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  const stores = await openRedisStores(server.url, {
    waitMs: 60_000,
    ids,
    inbounds,
    clock,
    log,
    listeners,
  });
  const client = createClient({ url: server.url });
  await client.connect();
  return {
    ...stores,
    client,
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await stores[Symbol.asyncDispose]();
    },
  };
}

type Opened = Awaited<ReturnType<typeof openOn>>;

async function finishAll(
  { journal, inbox }: Opened,
  key: ConversationKey,
  finish: Partial<Finish>,
): Promise<void> {
  const { lease } = await journal.claim(key, "w", signal);
  const covers = (await inbox.waiting(key, signal)).map(({ id }) => id);
  await journal.finish(lease, { covers, posts: [], ...finish }, signal);
}

/** Puts the secret into an inbox, a memory, a dead letter, the quarantine and a running turn. */
async function tellEverywhere(stores: Opened, key: ConversationKey): Promise<void> {
  const { inbox, journal, client } = stores;
  await inbox.accept(said("a", secret, { conversation: key }), 1, signal);
  await finishAll(stores, key, { deadLetter: { reference: `dead ${key}`, why: "failed" } });
  await client.set(`threadkeeper::memory:${key}`, `{"value":"${secret}`);
  const { lease } = await journal.claim(key, "w", signal);
  await journal.quarantineMemory(lease, `aside ${key}`, undefined, signal);
  await inbox.accept(said("b", secret, { conversation: key }), 2, signal);
  const replyTo = { platform: "fake", target: {} };
  const turn = { id: "t", conversation: key, attempt: 1, covers: [], replyTo, posts: [], answer: secret };
  await journal.save(lease, turn, signal);
  await finishAll(stores, key, {
    memory: memoryOf(key, { edits: [{ revision: 1, message: "a", text: secret }] }),
  });
}

/** Makes the server rewrite its files. The old ones disappear soon after. */
async function rewriteFiles({ client }: Opened): Promise<void> {
  await client.sendCommand(["BGREWRITEAOF"]);
  await expect
    .poll(() => client.sendCommand(["INFO", "persistence"]), patiently)
    .toMatch(/aof_rewrite_in_progress:0[^]*aof_rewrite_scheduled:0[^]*aof_last_bgrewrite_status:ok/u);
}

async function bytesOf({ client }: Opened): Promise<string> {
  const { dir } = await client.configGet("dir");
  const files = readdirSync(dir ?? "", { recursive: true, withFileTypes: true }).filter((each) =>
    each.isFile(),
  );
  return files.map((each) => bytesIn(join(each.parentPath, each.name))).join("\n");
}

function bytesIn(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    // It has just disappeared.
    return "";
  }
}

describe.skipIf(redisIsMissing)(`data deleted from Redis ${redisIsMissing ?? ""}`, () => {
  test.each<readonly [string, (key: ConversationKey) => Partial<Finish>]>([
    [
      "is a message that was deleted",
      (key) => ({ gone: ["a", "b"], memory: memoryOf(key, { revision: 2 }) }),
    ],
    ["is a conversation that was erased", () => ({ erase: true })],
    ["is one of which a mark stays", (key) => ({ erase: true, memory: memoryOf(key, { revision: 2 }) })],
  ])("leaves no byte in its files when it %s", async (_name, finishing) => {
    await using server = await startRedisServer("--aof-use-rdb-preamble", "no");
    await using stores = await openOn(server);
    const key: ConversationKey = "fake:room:1";
    await stores.inbox.accept(said("t", "hello", { conversation: key }), 1, signal);
    await tellEverywhere(stores, key);
    await rewriteFiles(stores);
    expect((await bytesOf(stores)).includes(secret)).toBe(true);
    await stores.inbox.accept(command("forget", "this"), 3, signal);
    await finishAll(stores, key, finishing(key));
    await stores.scrub(signal);
    await expect.poll(async () => (await bytesOf(stores)).includes(secret), patiently).toBe(false);
    expect(await bytesOf(stores)).toContain("threadkeeper:epoch");
  });

  test("has its files rewritten only after a deletion, and once a minute at most", async () => {
    await using server = await startRedisServer();
    await using stores = await openOn(server);
    const key: ConversationKey = "fake:room:1";
    const rewrites = async (): Promise<number> => {
      const stats = await stores.client.info("commandstats");
      return Number(/cmdstat_bgrewriteaof:calls=(\d+)/u.exec(stats)?.[1] ?? 0);
    };
    await stores.inbox.accept(said("a", "hello", { conversation: key }), 1, signal);
    await finishAll(stores, key, { memory: memoryOf(key) });
    await stores.scrub(signal);
    expect(await rewrites()).toBe(0);
    await finishAll(stores, key, { gone: ["a"] });
    await stores.scrub(signal);
    expect(await rewrites()).toBe(1);
    await finishAll(stores, key, { gone: ["a"] });
    await stores.scrub(signal);
    expect(await rewrites()).toBe(1);
    await stores.client.del("threadkeeper:rewritten");
    await expect.poll(async () => (await stores.scrub(signal), rewrites()), patiently).toBe(2);
  });

  test("stays in the files if Redis refuses to rewrite them, which is logged and retried", async () => {
    await using server = await startRedisServer("--rename-command", "BGREWRITEAOF", "");
    const log = new RecordingLog();
    await using stores = await openOn(server, log);
    const key: ConversationKey = "fake:room:1";
    await stores.inbox.accept(said("a", "hello", { conversation: key }), 1, signal);
    await finishAll(stores, key, { gone: ["a"] });
    for (let time = 1; time <= 2; time += 1) {
      await stores.scrub(signal);
      await stores.client.del("threadkeeper:rewritten");
    }
    expect(log.lines.filter(({ level }) => level === "warn")).toMatchObject([
      { message: expect.stringMatching(/^Redis refuses to rewrite its files/u) },
    ]);
    expect(await stores.client.get("threadkeeper:erased")).toBe("1");
  });
});

describe.skipIf(redisIsMissing)(`dead letters and quarantined records ${redisIsMissing ?? ""}`, () => {
  const [mine, other] = ["fake:room:1", "fake:room:2"] as const;

  test("of other conversations are not read when one is edited, shortened or erased", async () => {
    await using server = await startRedisServer();
    await using stores = await openOn(server);
    for (const key of [mine, other]) {
      await stores.inbox.accept(said("t", "hello", { conversation: key }), 1, signal);
      await tellEverywhere(stores, key);
    }
    const commands: string[] = [];
    const monitor = stores.client.duplicate();
    await monitor.connect();
    await monitor.monitor((line) => void commands.push(line));
    await finishAll(stores, mine, { changed: ["a"] });
    await finishAll(stores, mine, { gone: ["a"] });
    await finishAll(stores, mine, { erase: true });
    await stores.client.sendCommand(["ECHO", "that is all"]);
    await expect.poll(() => commands.some((each) => each.includes("that is all")), patiently).toBe(true);
    monitor.destroy();
    const touching = commands.filter((each) => /"threadkeeper:(?:dead-letters|set-aside)/u.test(each));
    expect(touching.filter((each) => each.includes(`dead ${mine}`))).not.toEqual([]);
    expect(touching.filter((each) => each.includes(other) || /"hgetall"|"hscan"/iu.test(each))).toEqual([]);
    expect(await stores.client.hKeys("threadkeeper:dead-letters")).toEqual([`dead ${other}`]);
    expect(await stores.client.hKeys("threadkeeper:set-aside")).toEqual([`aside ${other}`]);
    expect(await stores.client.exists(`threadkeeper:dead-letters:${mine}`)).toBe(0);
  });

  test("of format 2 are found by their conversations", async () => {
    await using server = await startRedisServer();
    {
      await using before = await openOn(server);
      for (let each = 1; each <= 120; each += 1) {
        const about = JSON.stringify({ conversation: `fake:room:${each % 3}`, why: "failed", atMs: 1 });
        await before.client.hSet("threadkeeper:dead-letters", `r${each}`, `${about}\n"${secret}"`);
        await before.client.hSet("threadkeeper:set-aside", `s${each}`, `${about}\n${secret}`);
      }
      await before.client.set("threadkeeper:format", "2");
    }
    await using stores = await openOn(server);
    await finishAll(stores, mine, { erase: true });
    for (const hash of ["threadkeeper:dead-letters", "threadkeeper:set-aside"]) {
      const left = await stores.client.hVals(hash);
      expect(left).toHaveLength(80);
      expect(left.filter((each) => each.includes(mine))).toEqual([]);
    }
  });
});
