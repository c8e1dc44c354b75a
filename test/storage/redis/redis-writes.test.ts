import { rmSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

import { createClient } from "@keyv/redis";
import { describe, expect, test } from "vitest";

import { inboundFormat as inbounds } from "../../../src/conversation/inbounds/registry.ts";
import { BullmqJobs } from "../../../src/engine/bullmq/bullmq-jobs.ts";
import { InProcessBroadcast } from "../../../src/engine/embedded/in-process-broadcast.ts";
import { InProcessInterruptions } from "../../../src/engine/embedded/in-process-interruptions.ts";
import { systemClock as clock } from "../../../src/runtime/clock.ts";
import { randomIds as ids } from "../../../src/runtime/ids.ts";
import { openRedisStores } from "../../../src/storage/redis/open-redis-stores.ts";
import { FakePlatform } from "../../support/core/fake-platform.ts";
import { command, deleted, said } from "../../support/core/inbounds.ts";
import { InMemoryArchive } from "../../support/core/in-memory-archive.ts";
import { openRealCore } from "../../support/core/real-core.ts";
import { connectionsOf } from "../../support/core/queue-connections.ts";
import { RecordingLog } from "../../support/core/recording-log.ts";
import { ScriptedModel } from "../../support/core/scripted-model.ts";
import { redisIsMissing, startRedisServer } from "../../support/redis-server.ts";
import { openRewritingWay } from "../../support/rewriting-way.ts";
import { openTcpGate } from "../../support/tcp-gate.ts";

const patiently = { timeout: 60_000, interval: 50 };
const signal = AbortSignal.timeout(600_000);

async function openStores(url: string) {
  const log = new RecordingLog();
  const listeners = { interruptions: new InProcessInterruptions(), broadcast: new InProcessBroadcast() };
  const stores = await openRedisStores(url, { waitMs: 60_000, ids, inbounds, clock, log, listeners });
  const lines = () => log.lines.map(({ message }) => message);
  return { stores, log, lines };
}

/** Sends a command as the administrator. */
async function asAdmin(url: string, ...words: readonly string[]): Promise<void> {
  const admin = createClient({ url });
  await admin.connect();
  await admin.sendCommand([...words]);
  admin.destroy();
}

describe.skipIf(redisIsMissing)(`a Redis that accepts no writes ${redisIsMissing ?? ""}`, () => {
  test.each([
    ["knows flags of scripts", ""],
    ["knows none, as Redis 6.2", "allow-xxx"],
  ])(
    "because it is full is unready, logs it once, still deletes, and logs the end: it %s",
    async (_, flag) => {
      await using server = await startRedisServer();
      await using opened = new AsyncDisposableStack();
      const way = opened.use(await openRewritingWay(server.url, { sent: ["allow-oom", flag] }));
      const { stores, lines } = await openStores(flag === "" ? server.url : way.url);
      opened.use(stores);
      const platform = new FakePlatform();
      const core = openRealCore({
        stores,
        archive: new InMemoryArchive(),
        platform,
        model: new ScriptedModel(),
        contextTokens: 4_000,
      });
      for (const id of ["a", "b"]) await core.accept(said(id, `secret ${id}`));
      await core.settle();
      const remembered = async (): Promise<string> =>
        JSON.stringify((await stores.memories.read("fake:room:1", signal)).memory ?? "nothing");
      expect(await remembered()).toContain("secret a");
      await asAdmin(server.url, "CONFIG", "SET", "maxmemory", "1");
      await expect.poll(() => stores.health().why, patiently).toContain("Redis is full");
      expect(stores.health().ok).toBe(false);

      await expect(core.accept(said("c", "one more"))).rejects.toThrow("inbox");
      await core.accept(deleted("a"));
      await core.settle();
      expect(await remembered()).not.toContain("secret a");
      expect(await remembered()).toContain("secret b");
      await core.accept(command("forget", "this yes"));
      await core.settle();
      expect(await remembered()).not.toContain("secret");

      await asAdmin(server.url, "CONFIG", "SET", "maxmemory", "0");
      await expect.poll(() => stores.health(), patiently).toEqual({ ok: true, why: "" });
      expect(lines().filter((line) => line === "Redis takes no writes; new messages wait")).toHaveLength(1);
      expect(lines().filter((line) => line === "Redis takes writes again")).toHaveLength(1);
    },
  );

  test("because it can't save is not reported as lost, since it answers, and is logged once", async () => {
    await using server = await startRedisServer();
    await using opened = new AsyncDisposableStack();
    const { stores, lines } = await openStores(server.url);
    opened.use(stores);
    await asAdmin(server.url, "CONFIG", "SET", "save", "3600 1");
    rmSync(server.folder, { recursive: true });
    await asAdmin(server.url, "BGSAVE");
    const why = "Redis takes no writes: it can't save to its disk; see its log";
    await expect.poll(() => stores.health(), patiently).toEqual({ ok: false, why });
    // It pings every second.
    for (let looks = 0; looks < 3; looks += 1) {
      await setTimeout(1_000);
      expect(stores.health()).toEqual({ ok: false, why });
    }
    await asAdmin(server.url, "CONFIG", "SET", "stop-writes-on-bgsave-error", "no");
    await expect.poll(() => stores.health(), patiently).toEqual({ ok: true, why: "" });
    expect(lines()).toEqual(["Redis takes no writes; new messages wait", "Redis takes writes again"]);
  });

  test("because it is full still runs jobs, which erasures need", async () => {
    await using server = await startRedisServer();
    await asAdmin(server.url, "CONFIG", "SET", "maxmemory", "1");
    const log = new RecordingLog();
    let runs = 0;
    const job = { name: "forget", everyMs: 50, run: async () => void (runs += 1) };
    await using jobs = new BullmqJobs([job], { url: server.url, connections: connectionsOf(log), log });
    jobs.start();
    await expect.poll(() => runs, patiently).toBeGreaterThan(1);
    // The stores report once that the server is full.
    expect(log.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  test("because it was demoted is replaced by the server that the address leads to now", async () => {
    await using old = await startRedisServer();
    await using next = await startRedisServer();
    const portOf = (url: string): number => Number(new URL(url).port);
    await using gate = await openTcpGate(portOf(old.url));
    await using opened = new AsyncDisposableStack();
    const { stores, lines } = await openStores(`redis://127.0.0.1:${gate.port}`);
    opened.use(stores);
    gate.leadTo(portOf(next.url));
    await asAdmin(old.url, "REPLICAOF", "127.0.0.1", String(portOf(next.url)));
    const isOver = () => lines().includes("Redis takes writes again");
    await expect.poll(isOver, patiently).toBe(true);
    expect(stores.health()).toEqual({ ok: true, why: "" });
    await stores.presence.mark(5, signal);
    expect(await stores.presence.last(signal)).toBe(5);
    expect(lines().filter((line) => line === "Redis takes no writes; new messages wait")).toHaveLength(1);
  });
});

describe.skipIf(redisIsMissing)(`a Redis that refuses BullMQ's commands ${redisIsMissing ?? ""}`, () => {
  test("gets calls more slowly, and the refusal is logged once", async () => {
    await using server = await startRedisServer();
    await asAdmin(server.url, "ACL", "SETUSER", "bot", "on", ">secret", "+@all", "~*", "&*");
    const log = new RecordingLog();
    const url = server.url.replace("//", "//bot:secret@");
    let runs = 0;
    const job = { name: "sweep", everyMs: 100, run: async () => void (runs += 1) };
    await using jobs = new BullmqJobs([job], { url, connections: connectionsOf(log), log });
    jobs.start();
    await expect.poll(() => runs, patiently).toBeGreaterThan(0);
    const refused = performance.now();
    await asAdmin(server.url, "ACL", "SETUSER", "bot", "-evalsha", "-eval", "-bzpopmin");
    const count = (part: string): number => log.lines.filter(({ message }) => message.includes(part)).length;
    await expect.poll(() => count("a queue failed"), patiently).toBeGreaterThanOrEqual(4);
    // Without a pause it would be thousands within a second.
    expect(performance.now() - refused).toBeGreaterThan(500);
    expect(count("Redis refuses the queue")).toBe(1);
    await asAdmin(server.url, "ACL", "SETUSER", "bot", "+@all");
    const before = runs;
    await expect.poll(() => runs, patiently).toBeGreaterThan(before);
  });
});
