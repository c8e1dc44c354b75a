import { nanoid } from "nanoid";

import type { Locks } from "../../../ports/locks.ts";
import { keys } from "../commands/keys.ts";
import { script, type Redis } from "../commands/redis.ts";

const lockTtlMs = 30_000;
const renewEveryMs = 10_000;

/** Only the holder renews or releases a lock. KEYS: the lock. ARGV: the holder, milliseconds (0 releases it). */
const renewScript = script(`
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return end
if ARGV[2] == "0" then redis.call("DEL", KEYS[1]) else redis.call("PEXPIRE", KEYS[1], ARGV[2]) end
`);

/** Locks in Redis, shared by all replicas: keys that expire unless their holder renews them. */
export class RedisLocks implements Locks {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  readonly tryLock = async (name: string, signal: AbortSignal): Promise<AsyncDisposable | undefined> => {
    const key = keys.lock(name);
    const holder = nanoid();
    const set = await this.#redis.send(["SET", key, holder, "NX", "PX", lockTtlMs], signal);
    if (set === null) return undefined;
    const hold = async (ms: number): Promise<void> => {
      // If this fails, the lock expires by itself.
      await this.#redis
        .run(renewScript, [key], [holder, ms], new AbortController().signal)
        .catch(() => undefined);
    };
    const renewing = setInterval(() => void hold(lockTtlMs), renewEveryMs).unref();
    return {
      [Symbol.asyncDispose]: async () => {
        clearInterval(renewing);
        await hold(0);
      },
    };
  };
}
