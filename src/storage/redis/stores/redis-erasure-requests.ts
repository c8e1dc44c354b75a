import { z } from "zod";

import type { ErasureRequest, ErasureRequests, Receipt } from "../../../ports/erasure-requests.ts";
import { maxReceiptHoldMs } from "../../records/max-receipt-hold.ts";
import { readReceipt } from "../../records/receipt-schema.ts";
import { keys } from "../commands/keys.ts";
import { strings } from "../commands/replies.ts";
import { script, type Redis } from "../commands/redis.ts";

const markSchema = z.object({ platform: z.string(), author: z.string(), beforeMs: z.number() });

/** ARGV: id, the mark that stays, author, cutoff, receipt. */
const begin = script(`
if redis.call("HSETNX", KEYS[1], ARGV[1], ARGV[2]) == 0 then return end
local known = redis.call("HGET", KEYS[2], ARGV[3])
if not known or tonumber(known) < tonumber(ARGV[4]) then redis.call("HSET", KEYS[2], ARGV[3], ARGV[4]) end
if ARGV[5] == "" then return end
redis.call("HSET", KEYS[3], ARGV[1], ARGV[5])
local time = redis.call("TIME")
redis.call("ZADD", KEYS[4], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1])
`);

/** Uses the server's clock, since the replicas' clocks may differ. ARGV: hold time, maximum hold time (ms). */
const next = script(`
local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
for _, id in ipairs(redis.call("ZRANGE", KEYS[1], 0, -1)) do
  local heldUntilMs = tonumber(redis.call("HGET", KEYS[2], id) or "0")
  -- A longer hold than the maximum means that the clock was set back.
  if heldUntilMs <= nowMs or heldUntilMs > nowMs + ARGV[2] then
    redis.call("HSET", KEYS[2], id, string.format("%.0f", nowMs + ARGV[1]))
    return {id, redis.call("HGET", KEYS[3], id) or "", redis.call("HGET", KEYS[4], id) or ""}
  end
end
return {}
`);

/** ARGV: id, hold time (ms). */
const hold = script(`
if not redis.call("ZSCORE", KEYS[1], ARGV[1]) then return end
local time = redis.call("TIME")
redis.call("HSET", KEYS[2], ARGV[1], string.format("%.0f", time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2]))
`);

/** ARGV: id, the receipt. */
const owe = script(`
if redis.call("HEXISTS", KEYS[1], ARGV[1]) == 1 then redis.call("HSET", KEYS[1], ARGV[1], ARGV[2]) end
`);

const settle = script(`
redis.call("ZREM", KEYS[1], ARGV[1])
redis.call("HDEL", KEYS[2], ARGV[1])
redis.call("HDEL", KEYS[3], ARGV[1])
`);

/** The erasure requests in Redis, shared by all replicas. */
export class RedisErasureRequests implements ErasureRequests {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  readonly begin = async (request: ErasureRequest, signal: AbortSignal): Promise<void> => {
    const { id, platform, author, beforeMs, receipt } = request;
    const names = [keys.erasureRequests, keys.forgotten(platform), keys.receipts, keys.receiptsDue];
    const mark = JSON.stringify({ platform, author, beforeMs });
    const address = receipt === undefined ? "" : JSON.stringify(receipt);
    await this.#redis.run(begin, names, [id, mark, author, beforeMs, address], signal);
  };

  readonly claimNext = async (heldMs: number, signal: AbortSignal): Promise<ErasureRequest | undefined> => {
    const names = [keys.receiptsDue, keys.receiptsHeld, keys.erasureRequests, keys.receipts];
    const reply = await this.#redis.run(next, names, [heldMs, maxReceiptHoldMs], signal);
    const [id, mark = "", receipt] = strings(reply);
    if (id === undefined) return undefined;
    return { id, ...markSchema.parse(JSON.parse(mark)), receipt: readReceipt(receipt) };
  };

  readonly hold = async (id: string, heldMs: number, signal: AbortSignal): Promise<void> => {
    const values = [id, Math.min(heldMs, maxReceiptHoldMs)];
    await this.#redis.run(hold, [keys.receiptsDue, keys.receiptsHeld], values, signal);
  };

  readonly saveReceipt = async (id: string, receipt: Receipt, signal: AbortSignal): Promise<void> => {
    await this.#redis.run(owe, [keys.receipts], [id, JSON.stringify(receipt)], signal);
  };

  readonly markReceiptSent = async (id: string, signal: AbortSignal): Promise<void> => {
    await this.#redis.run(settle, [keys.receiptsDue, keys.receiptsHeld, keys.receipts], [id], signal);
  };

  readonly cutoffs = async (
    platform: string,
    authors: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, number>> => {
    if (authors.length === 0) return new Map();
    const reply = await this.#redis.send(["HMGET", keys.forgotten(platform), ...authors], signal);
    const marks = new Map<string, number>();
    for (const [index, author] of authors.entries()) {
      const beforeMs: unknown = Array.isArray(reply) ? reply[index] : null;
      if (typeof beforeMs === "string") marks.set(author, Number(beforeMs));
    }
    return marks;
  };
}
