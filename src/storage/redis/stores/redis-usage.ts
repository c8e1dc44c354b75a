import type { Charge, Slot, UsageCounters } from "../../../ports/usage.ts";
import { counterName } from "../../records/counter-name.ts";
import { keys } from "../commands/keys.ts";
import { script, type Redis } from "../commands/redis.ts";

const dayMs = 86_400_000;
/** Longer than a day on the clock of any replica. */
const ttlMs = 2 * dayMs;

/** KEYS: a day's counters. ARGV: TTL (ms); then counter, amount and limit ("" for none) of each charge. */
const charge = script(`
for i = 2, #ARGV, 3 do
  local limit = tonumber(ARGV[i + 2])
  local count = tonumber(redis.call("HGET", KEYS[1], ARGV[i]) or "0") + tonumber(ARGV[i + 1])
  if limit and tonumber(ARGV[i + 1]) > 0 and count > limit then return (i - 2) / 3 end
end
for i = 2, #ARGV, 3 do redis.call("HINCRBY", KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call("PEXPIRE", KEYS[1], ARGV[1])
return -1
`);

/** KEYS: a holder's turns, by the time until which they count. ARGV: turn, maximum, now, hold time (ms). */
const enter = script(`
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", ARGV[3])
if not redis.call("ZSCORE", KEYS[1], ARGV[1]) and redis.call("ZCARD", KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call("ZADD", KEYS[1], ARGV[3] + ARGV[4], ARGV[1])
redis.call("PEXPIRE", KEYS[1], ARGV[4])
return 1
`);

/** Usage counters in Redis, shared by all replicas. */
export class RedisUsage implements UsageCounters {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  readonly charge = async (
    charges: readonly Charge[],
    nowMs: number,
    signal: AbortSignal,
  ): Promise<Charge | undefined> => {
    const values = charges.flatMap(({ counter, amount, limit }) => [
      counterName(counter),
      Math.round(amount),
      limit ?? "",
    ]);
    const key = keys.usage(Math.floor(nowMs / dayMs));
    const over = await this.#redis.run(charge, [key], [ttlMs, ...values], signal);
    return charges[Number(over)];
  };

  readonly enter = async (
    { holder, turn }: Slot,
    { most, heldMs }: { readonly most: number; readonly heldMs: number },
    nowMs: number,
    signal: AbortSignal,
  ): Promise<boolean> => {
    const values = [turn, most, Math.round(nowMs), heldMs];
    return (await this.#redis.run(enter, [keys.running(counterName(holder))], values, signal)) === 1;
  };

  readonly leave = async ({ holder, turn }: Slot, signal: AbortSignal): Promise<void> => {
    await this.#redis.send(["ZREM", keys.running(counterName(holder)), turn], signal);
  };
}
