import { nanoid } from "nanoid";

import type { Locks } from "../../../ports/locks.ts";
import { keys } from "../commands/keys.ts";
import { script, type Redis } from "../commands/redis.ts";

const heldMs = 30_000;
const renewEveryMs = 10_000;

/** Only its holder renews or ends a lock. KEYS: the lock. ARGV: the holder, milliseconds (0 ends it). */
const renew = script(`
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return end
if ARGV[2] == "0" then redis.call("DEL", KEYS[1]) else redis.call("PEXPIRE", KEYS[1], ARGV[2]) end
`);

/** Locks in Redis, for all replicas: keys that expire unless their holder renews them. */
export class RedisLocks implements Locks {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  readonly tryLock = async (name: string, signal: AbortSignal): Promise<AsyncDisposable | undefined> => {
    const key = keys.lock(name);
    const holder = nanoid();
    const set = await this.#redis.send(["SET", key, holder, "NX", "PX", heldMs], signal);
    if (set === null) return undefined;
    const hold = async (ms: number): Promise<void> => {
      // What can't be renewed or ended now expires by itself.
      await this.#redis.run(renew, [key], [holder, ms], new AbortController().signal).catch(() => undefined);
    };
    const renewing = setInterval(() => void hold(heldMs), renewEveryMs).unref();
    return {
      [Symbol.asyncDispose]: async () => {
        clearInterval(renewing);
        await hold(0);
      },
    };
  };
}
