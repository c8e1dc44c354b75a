import type { Log } from "../../../ports/log.ts";
import type { Charge, Slot, UsageCounters } from "../../../ports/usage.ts";
import { counterName } from "../../records/counter-name.ts";
import { logUnsettled } from "../../records/unsettled-usage.ts";
import { keys } from "../commands/keys.ts";
import { script, type Redis } from "../commands/redis.ts";

const dayMs = 86_400_000;
/** Longer than a day on the clock of any replica. */
const ttlMs = 2 * dayMs;
/** How long a correction waits for a charge that takes it along. */
const settleAfterMs = 500;
/** So many counters are corrected at once. */
const maxCorrected = 500;

/**
 * KEYS: a day's counters. ARGV: TTL (ms), number of corrections; then counter and amount of each correction; then counter, amount
 * and limit ("" for none) of each charge.
 */
const charge = script(`
local names, counts, isNew = {}, {}, true
local firstCharge = 3 + 2 * tonumber(ARGV[2])
for i = 3, firstCharge - 1, 2 do names[#names + 1] = ARGV[i] end
for i = firstCharge, #ARGV, 3 do names[#names + 1] = ARGV[i] end
for i, count in ipairs(redis.call("HMGET", KEYS[1], unpack(names))) do
  counts[names[i]] = tonumber(count or "0")
  if count then isNew = false end
end
local function add(name, amount) counts[name] = counts[name] + tonumber(amount) end
for i = 3, firstCharge - 1, 2 do add(ARGV[i], ARGV[i + 1]) end
local over = -1
for i = firstCharge, #ARGV, 3 do
  local amount, limit = tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2])
  if over == -1 and limit and amount > 0 and counts[ARGV[i]] + amount > limit then over = (i - firstCharge) / 3 end
end
if over == -1 then
  for i = firstCharge, #ARGV, 3 do add(ARGV[i], ARGV[i + 1]) end
elseif firstCharge == 3 then
  return over
end
local fields = {}
for name, count in pairs(counts) do fields[#fields + 1], fields[#fields + 2] = name, string.format("%.0f", count) end
redis.call("HSET", KEYS[1], unpack(fields))
if isNew then redis.call("PEXPIRE", KEYS[1], ARGV[1]) end
return over
`);

/** KEYS: a holder's turns, by the time until which they count. ARGV: turn, maximum, now, hold time (ms). */
const enter = script(`
local held = redis.call("ZRANGE", KEYS[1], 0, -1, "WITHSCORES")
local count, isHeld, hasEnded = 0, false, false
for i = 1, #held, 2 do
  if tonumber(held[i + 1]) <= tonumber(ARGV[3]) then hasEnded = true
  else
    count = count + 1
    isHeld = isHeld or held[i] == ARGV[1]
  end
end
if hasEnded then redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", ARGV[3]) end
if not isHeld and count >= tonumber(ARGV[2]) then return 0 end
redis.call("ZADD", KEYS[1], ARGV[3] + ARGV[4], ARGV[1])
redis.call("PEXPIRE", KEYS[1], ARGV[4])
return 1
`);

/**
 * Usage counters in Redis, shared by all replicas. Corrections go with the next charge of this process, or after half a
 * second.
 */
export class RedisUsage implements UsageCounters, AsyncDisposable {
  readonly #redis: Redis;
  readonly #log: Log;
  /** Counter name → amount, of one day. */
  #corrections = new Map<string, number>();
  #day = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #unfinished = new Set<Promise<unknown>>();

  constructor(redis: Redis, log: Log) {
    this.#redis = redis;
    this.#log = log;
  }

  readonly charge = async (
    charges: readonly Charge[],
    nowMs: number,
    signal: AbortSignal,
  ): Promise<Charge | undefined> => {
    const day = dayOf(nowMs);
    const corrections = day === this.#day ? this.#take() : [];
    const values = charges.flatMap(({ counter, amount, limit }) => [
      counterName(counter),
      Math.round(amount),
      limit ?? "",
    ]);
    return charges[await this.#run(day, corrections, values, signal)];
  };

  readonly adjust = (charges: readonly Charge[], nowMs: number): void => {
    const day = dayOf(nowMs);
    if (day !== this.#day || this.#corrections.size >= maxCorrected) this.#settle();
    this.#day = day;
    for (const { counter, amount } of charges) {
      const name = counterName(counter);
      this.#corrections.set(name, (this.#corrections.get(name) ?? 0) + Math.round(amount));
    }
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#settle(), settleAfterMs).unref();
  };

  readonly read = async (
    counters: readonly string[],
    nowMs: number,
    signal: AbortSignal,
  ): Promise<readonly number[]> => {
    const day = dayOf(nowMs);
    const command = ["HMGET", keys.usage(day), ...counters.map(counterName)];
    const reply: unknown = await this.#redis.send(command, signal);
    const counts: readonly unknown[] = Array.isArray(reply) ? reply : [];
    const corrections = day === this.#day ? this.#corrections : new Map<string, number>();
    return counters.map(
      (each, index) => Number(counts[index] ?? 0) + (corrections.get(counterName(each)) ?? 0),
    );
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

  readonly leave = ({ holder, turn }: Slot): void => {
    const command = ["ZREM", keys.running(counterName(holder)), turn];
    this.#outlive(this.#redis.send(command, new AbortController().signal));
  };

  /** Writes the corrections, and waits for what was begun. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#settle();
    await Promise.all(this.#unfinished);
  }

  #settle(): void {
    const corrections = this.#take();
    if (corrections.length === 0) return;
    this.#outlive(this.#run(this.#day, corrections, [], new AbortController().signal));
  }

  /** For work that nobody waits for, until the store is closed. A lost correction is logged. */
  #outlive(work: Promise<unknown>): void {
    const ended = work.catch(() => undefined).finally(() => this.#unfinished.delete(ended));
    this.#unfinished.add(ended);
  }

  #take(): readonly (readonly [name: string, amount: number])[] {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const taken = [...this.#corrections];
    this.#corrections = new Map();
    return taken;
  }

  /** Resolves to the index of the charge that would exceed its limit, or -1. */
  async #run(
    day: number,
    corrections: readonly (readonly [name: string, amount: number])[],
    charges: readonly (string | number)[],
    signal: AbortSignal,
  ): Promise<number> {
    const values = [ttlMs, corrections.length, ...corrections.flat(), ...charges];
    try {
      return Number(await this.#redis.run(charge, [keys.usage(day)], values, signal));
    } catch (error) {
      if (corrections.length > 0) logUnsettled(this.#log, error);
      throw error;
    }
  }
}

function dayOf(nowMs: number): number {
  return Math.floor(nowMs / dayMs);
}
