import { setTimeout } from "node:timers/promises";

import { Redis } from "ioredis";

import { keys } from "../../src/storage/redis/commands/keys.ts";

const pollMs = 20;
const patienceMs = 60_000;

/** Resolves when the archive has everything. */
export async function untilArchived(redisUrl: string): Promise<void> {
  const redis = new Redis(redisUrl);
  try {
    for (let waitedMs = 0; (await redis.zcard(keys.pendingSyncs)) > 0; waitedMs += pollMs) {
      if (waitedMs > patienceMs) throw new Error("The archive does not catch up");
      await setTimeout(pollMs);
    }
  } finally {
    redis.disconnect();
  }
}
