import type { Workers } from "../../../ports/workers.ts";
import { keys } from "../commands/keys.ts";
import { script, type Redis } from "../commands/redis.ts";

/** Longer than a busy event loop and a short outage, so that a living process seldom counts as dead. */
const lifeMs = 8_000;

/** ARGV: worker. */
const beatScript = script(`
local time = redis.call("TIME")
local nowMs = math.floor(time[1] * 1000 + time[2] / 1000)
redis.call("ZADD", KEYS[1], nowMs + ${lifeMs}, ARGV[1])
return redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", nowMs)
`);

/** The living processes in Redis, with the time at which they count as dead. */
export class RedisWorkers implements Workers {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  readonly beat: Workers["beat"] = async (worker, signal) =>
    Number(await this.#redis.run(beatScript, [keys.workers], [worker], signal)) > 0;

  readonly leave: Workers["leave"] = async (worker, signal) => {
    await this.#redis.send(["ZREM", keys.workers, worker], signal);
  };
}
