import { randomUUID } from "node:crypto";

import {
  firstWordsFactor,
  growthShare,
  reservationTtlMs,
  maxGrowthPauseMs,
  noCallLeftPauseMs,
  strictAfterRefusalMs,
  type Growth,
  type RateLimit,
  type RateLimits,
} from "../../../ports/rate-limits.ts";
import { keys } from "../commands/keys.ts";
import { script, type Redis } from "../commands/redis.ts";

/**
 * Calls of the last window are a sorted set by time; promised calls stand under their tickets. ARGV: now, calls,
 * window, ticket, a name for the call.
 */
const reserve = script(
  `
local now, calls, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now - window)
local at = math.max(now, tonumber(redis.call("GET", KEYS[2]) or "0"))
local promised = redis.call("ZSCORE", KEYS[1], ARGV[4])
if promised then
  at = math.max(at, tonumber(promised))
elseif now < tonumber(redis.call("GET", KEYS[3]) or "0") then
  local held = redis.call("ZRANGE", KEYS[1], -calls, -calls, "WITHSCORES")
  if held[2] then at = math.max(at, tonumber(held[2]) + window) end
end
if at <= now then
  redis.call("ZREM", KEYS[1], ARGV[4])
  redis.call("ZADD", KEYS[1], now, ARGV[5])
elseif not promised then
  redis.call("ZADD", KEYS[1], at, ARGV[4])
end
redis.call("PEXPIRE", KEYS[1], math.ceil(at - now + window))
return tostring(at - now)
`,
  { grows: true },
);

/**
 * ARGV: now, calls, window, answer, a name for the call, answer TTL, growth share, longest pause, pause if none is
 * left, maximum growths.
 */
const spare = script(
  `
local now, calls, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now - window)
redis.call("ZREMRANGEBYSCORE", KEYS[3], "-inf", now - ARGV[6])
redis.call("ZREMRANGEBYSCORE", KEYS[4], "-inf", now - window)
local paused = tonumber(redis.call("GET", KEYS[2]) or "0")
local next = math.max(paused, tonumber(redis.call("ZSCORE", KEYS[3], ARGV[4]) or "0"))
if next > now then return tostring(next - now) end
redis.call("ZADD", KEYS[3], now, ARGV[4])
redis.call("PEXPIRE", KEYS[3], ARGV[6] * 2)
local open = redis.call("ZCARD", KEYS[3])
local left = calls - redis.call("ZCARD", KEYS[1]) - open
left = math.min(left, ARGV[10] - redis.call("ZCARD", KEYS[4]))
if left < 1 then return ARGV[9] end
redis.call("ZADD", KEYS[1], now, ARGV[5])
redis.call("PEXPIRE", KEYS[1], math.ceil(window))
redis.call("ZADD", KEYS[4], now, ARGV[5])
redis.call("PEXPIRE", KEYS[4], math.ceil(window))
redis.call("ZADD", KEYS[3], now + math.min(ARGV[8], open * window * ARGV[7] / left), ARGV[4])
return "0"
`,
  { grows: true },
);

/**
 * ARGV: now, pause, how long to stay strict after it. A pause is never shortened, and the refused call doesn't count.
 */
const pause = script(
  `
local now, ms = tonumber(ARGV[1]), tonumber(ARGV[2])
local last = redis.call("ZREVRANGEBYSCORE", KEYS[1], now, "-inf", "LIMIT", 0, 1)
if last[1] then redis.call("ZREM", KEYS[1], last[1]) end
redis.call("SET", KEYS[3], now + ms + ARGV[3], "PX", math.ceil(ms + ARGV[3]))
if now + ms <= tonumber(redis.call("GET", KEYS[2]) or "0") then return end
redis.call("SET", KEYS[2], now + ms, "PX", math.max(1, math.ceil(ms)))
`,
  { grows: true },
);

interface Time {
  /** The same clock for all replicas. */
  readonly nowMs: (signal: AbortSignal) => Promise<number>;
}

/** Rate limits counted over all replicas. One round trip per call; every key expires by itself. */
export class RedisRateLimits implements RateLimits {
  readonly #redis: Redis;
  readonly #time: Time;

  constructor(redis: Redis, time: Time) {
    this.#redis = redis;
    this.#time = time;
  }

  readonly reserve = async (limit: RateLimit, ticket: string, signal: AbortSignal): Promise<number> => {
    const { name, calls, windowMs } = limit;
    const names = [keys.rateCalls, keys.ratePaused, keys.rateStrict].map((key) => key(name));
    const values = [await this.#time.nowMs(signal), calls, windowMs, ticket, randomUUID()];
    return Number(await this.#redis.run(reserve, names, values, signal));
  };

  readonly reserveForGrowth = async (
    limit: RateLimit,
    growth: Growth,
    signal: AbortSignal,
  ): Promise<number> => {
    const { name, calls, windowMs, forGrowth = calls } = limit;
    const names = [keys.rateCalls, keys.ratePaused, keys.rateOpen, keys.rateGrown].map((key) => key(name));
    const values = [await this.#time.nowMs(signal), calls, windowMs, growth.answer, randomUUID()];
    const most = forGrowth * (growth.isFirst ? firstWordsFactor : 1);
    const rules = [reservationTtlMs, growthShare, maxGrowthPauseMs, noCallLeftPauseMs, most];
    return Number(await this.#redis.run(spare, names, [...values, ...rules], signal));
  };

  readonly open = async (limit: RateLimit, answer: string, signal: AbortSignal): Promise<void> => {
    const key = keys.rateOpen(limit.name);
    await this.#redis.send(["ZADD", key, "NX", await this.#time.nowMs(signal), answer], signal);
    await this.#redis.send(["PEXPIRE", key, reservationTtlMs * 2], signal);
  };

  readonly close = async (limit: RateLimit, answer: string, signal: AbortSignal): Promise<void> => {
    await this.#redis.send(["ZREM", keys.rateOpen(limit.name), answer], signal);
  };

  readonly pause = async (limit: RateLimit, ms: number, signal: AbortSignal): Promise<void> => {
    const names = [keys.rateCalls, keys.ratePaused, keys.rateStrict].map((key) => key(limit.name));
    const values = [await this.#time.nowMs(signal), ms, strictAfterRefusalMs];
    await this.#redis.run(pause, names, values, signal);
  };
}
