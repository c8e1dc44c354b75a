import { createClient } from "@keyv/redis";
import { describe, expect, test } from "vitest";

import { connectForBullmq } from "../../src/engine/bullmq/bullmq-connection.ts";
import { QueueConnections } from "../../src/engine/bullmq/queue-connections.ts";
import { RecordingLog } from "../support/core/recording-log.ts";
import { redisIsMissing, startRedisServer } from "../support/redis-server.ts";

describe.skipIf(redisIsMissing)(
  `a Redis without room for the job queue's connections ${redisIsMissing ?? ""}`,
  () => {
    test.each([1, 2])("is reported while only %i can connect, including BullMQ's copies", async (room) => {
      await using server = await startRedisServer("--maxclients", String(room));
      const admin = createClient({ url: server.url });
      admin.on("error", () => undefined);
      await admin.connect();
      const log = new RecordingLog();
      let isServerUp = false;
      using connections = new QueueConnections({ log, isServerUp: () => isServerUp, patienceMs: 100 });
      const first = connections.watch(connectForBullmq(server.url));
      const copy = first.duplicate();
      const lost = async (): Promise<number> =>
        [first, copy].filter(({ status }) => status !== "ready").length;
      await expect.poll(lost).toBe(3 - room);
      expect(connections.health().ok).toBe(true);
      isServerUp = true;
      const why = expect.stringMatching(/^Redis accepts no more connections for the job queue \(.+\)/u);
      await expect.poll(() => connections.health(), { timeout: 60_000 }).toEqual({ ok: false, why });
      await admin.sendCommand(["CONFIG", "SET", "maxclients", "10"]);
      await expect.poll(() => connections.health().ok, { timeout: 60_000 }).toBe(true);
      expect(log.lines.map(({ level, message }) => [level, message])).toEqual([
        [
          "error",
          "the job queue can't connect to Redis; archive and erasures wait. Raise maxclients or the limit of its plan",
        ],
        ["info", "Redis accepts the job queue's connections again"],
      ]);
      first.disconnect();
      copy.disconnect();
      admin.destroy();
    });

    test("is reported if BullMQ closed one of them and opened it again", async () => {
      await using server = await startRedisServer();
      const admin = createClient({ url: server.url });
      admin.on("error", () => undefined);
      await admin.connect();
      const log = new RecordingLog();
      using connections = new QueueConnections({ log, isServerUp: () => true, patienceMs: 100 });
      const first = connections.watch(connectForBullmq(server.url));
      const copy = first.duplicate();
      await expect.poll(() => [first.status, copy.status]).toEqual(["ready", "ready"]);
      copy.disconnect();
      await expect.poll(() => copy.status).toBe("end");
      await admin.sendCommand(["CONFIG", "SET", "maxclients", "2"]);
      void copy.connect().catch(() => undefined);
      await expect.poll(() => connections.health().ok, { timeout: 60_000 }).toBe(false);
      await admin.sendCommand(["CONFIG", "SET", "maxclients", "10"]);
      await expect.poll(() => connections.health().ok, { timeout: 60_000 }).toBe(true);
      first.disconnect();
      copy.disconnect();
      admin.destroy();
    });
  },
);
