import type { Workers } from "../../../ports/workers.ts";
import { keys } from "../commands/keys.ts";
import { script, type Redis } from "../commands/redis.ts";

/** Longer than a busy event loop and a short outage, so that a living process seldom counts as dead. */
const lifeMs = 8_000;

/**
 * KEYS: the processes, and the channel to which each of them listens. ARGV: worker, and the silence after which processes
 * count as dead while this one is the only one that listens. That can't be told where the user may not call PUBSUB, or where
 * another bot uses another database of the server.
 */
const beatScript = script(`
local workers, silenceMs = KEYS[1], tonumber(ARGV[2])
local time = redis.call("TIME")
local nowMs = math.floor(time[1] * 1000 + time[2] / 1000)
redis.call("ZADD", workers, nowMs + ${lifeMs}, ARGV[1])
local dead = redis.call("ZREMRANGEBYSCORE", workers, "-inf", nowMs)
if silenceMs >= ${lifeMs} or redis.call("ZCARD", workers) == 1 then return dead end
local listening = redis.pcall("PUBSUB", "NUMSUB", KEYS[2])
if not listening[2] or listening[2] > 1 then return dead end
return dead + redis.call("ZREMRANGEBYSCORE", workers, "-inf", "(" .. string.format("%.0f", nowMs + ${lifeMs} - silenceMs))
`);

/** The living processes in Redis, with the time at which they count as dead. */
export class RedisWorkers implements Workers {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  readonly beat: Workers["beat"] = async (worker, signal, silenceMs = lifeMs) => {
    const names = [keys.workers, keys.broadcast];
    return Number(await this.#redis.run(beatScript, names, [worker, silenceMs], signal)) > 0;
  };

  readonly leave: Workers["leave"] = async (worker, signal) => {
    await this.#redis.send(["ZREM", keys.workers, worker], signal);
  };
}
