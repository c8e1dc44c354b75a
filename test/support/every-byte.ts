import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Redis } from "ioredis";
import { Client } from "pg";
import { expect } from "vitest";

import { systemClock as clock } from "../../src/runtime/clock.ts";
import { openPostgresArchive } from "../../src/storage/postgres/open-postgres-archive.ts";
import { openPostgresTurnRecords } from "../../src/storage/postgres/postgres-turn-records.ts";
import { RecordingLog } from "./core/recording-log.ts";
import type { RedisServer } from "./redis-server.ts";

/** All files of a folder, one after the other, as Latin-1: an ASCII word in them stands in it. */
export function filesIn(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)).toString("latin1"))
    .join("\n");
}

/** Every key of a Redis with its value, and its log after a rewrite. The server must write no RDB preamble: that is packed. */
export async function everythingIn(server: RedisServer): Promise<string> {
  const redis = new Redis(server.url);
  try {
    // The stores may have ordered one before.
    await untilRewritten(redis);
    await redis.bgrewriteaof();
    await untilRewritten(redis);
    return [await valuesIn(redis), filesIn(server.folder)].join("\n");
  } finally {
    redis.disconnect();
  }
}

/** Every key of a Redis with its value. */
export async function keysIn(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    return await valuesIn(redis);
  } finally {
    redis.disconnect();
  }
}

async function valuesIn(redis: Redis): Promise<string> {
  const keys = await redis.keys("*");
  return [...keys, ...(await Promise.all(keys.map((key) => valueOf(redis, key))))].join("\n");
}

async function untilRewritten(redis: Redis): Promise<void> {
  await expect
    .poll(() => redis.info("persistence"), { timeout: 60_000 })
    .toMatch(/aof_rewrite_in_progress:0[^]*aof_rewrite_scheduled:0/u);
}

async function valueOf(redis: Redis, key: string): Promise<string> {
  switch (await redis.type(key)) {
    case "string":
      return (await redis.get(key)) ?? "";
    case "hash":
      return JSON.stringify(await redis.hgetall(key));
    case "zset":
      return JSON.stringify(await redis.zrange(key, 0, -1));
    case "list":
      return JSON.stringify(await redis.lrange(key, 0, -1));
    case "set":
      return JSON.stringify(await redis.smembers(key));
    case "stream":
      return JSON.stringify(await redis.xrange(key, "-", "+"));
    // It went since the keys were listed: locks and jobs come and go while a bot runs.
    case "none":
      return "";
    default:
      throw new TypeError("A kind of key that nobody can read here");
  }
}

/** Every row of every table of ours in a Postgres, as text. */
export async function rowsIn(url: string): Promise<string> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query(
      "SELECT table_name FROM information_schema.tables WHERE table_schema = 'threadkeeper'",
    );
    const parts: string[] = [];
    for (const { table_name: table } of tables) {
      const { rows } = await client.query(`SELECT each::text AS line FROM threadkeeper.${table} AS each`);
      parts.push(...rows.map(({ line }) => String(line)));
    }
    return parts.join("\n");
  } finally {
    await client.end();
  }
}

/** The same, with all that can be read of it: its texts are sealed. */
export async function archivedIn(url: string): Promise<string> {
  const signal = AbortSignal.timeout(600_000);
  await using archive = await openPostgresArchive(url, { waitMs: 60_000, clock, log: new RecordingLog() });
  const parts: unknown[] = [await rowsIn(url)];
  for (const conversation of await archive.keysAfter("", 1_000, signal)) {
    parts.push(await archive.findConversation(conversation, signal));
    parts.push(await archive.read({ conversation, limit: 1_000 }, signal));
  }
  await using records = openPostgresTurnRecords(url, { clock, log: new RecordingLog() });
  parts.push(await records.newestFeedback({ limit: 1_000 }, signal));
  return JSON.stringify(parts);
}
