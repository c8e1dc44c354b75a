import type { Presence } from "../../../ports/presence.ts";
import { keys } from "../commands/keys.ts";
import type { Redis } from "../commands/redis.ts";

/** The presence of all replicas together, in Redis. */
export class RedisPresence implements Presence {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  readonly mark = async (nowMs: number, signal: AbortSignal): Promise<void> => {
    await this.#redis.send(["SET", keys.presence, nowMs], signal);
  };

  readonly last = async (signal: AbortSignal): Promise<number | undefined> => {
    const atMs = await this.#redis.send(["GET", keys.presence], signal);
    return atMs === null ? undefined : Number(atMs);
  };
}
