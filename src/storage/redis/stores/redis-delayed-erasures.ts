import { z } from "zod";

import { isConversationKey, type ConversationKey } from "../../../domain/conversation.ts";
import type { DelayedErasure, DelayedErasures } from "../../../ports/delayed-erasures.ts";
import { keys } from "../commands/keys.ts";
import { strings } from "../commands/replies.ts";
import { script, type Redis } from "../commands/redis.ts";

const erasureSchema = z.object({
  conversation: z.custom<ConversationKey>(isConversationKey),
  platform: z.string(),
  place: z.string(),
  beforeOrdinal: z.number(),
  orderedAtMs: z.number(),
  untilMs: z.number(),
});

/** ARGV: conversation, the erasure as JSON, due time. */
const put = script(`
redis.call("HSET", KEYS[1], ARGV[1], ARGV[2])
redis.call("ZADD", KEYS[2], ARGV[3], ARGV[1])
`);

const drop = script(`
redis.call("HDEL", KEYS[1], ARGV[1])
redis.call("ZREM", KEYS[2], ARGV[1])
`);

/** ARGV: now, limit. */
const due = script(`
local found = redis.call("ZRANGEBYSCORE", KEYS[2], "-inf", ARGV[1], "LIMIT", 0, ARGV[2])
local erasures = {}
for i, conversation in ipairs(found) do erasures[i] = redis.call("HGET", KEYS[1], conversation) or "" end
return erasures
`);

/** The delayed erasures in Redis, shared by all replicas. */
export class RedisDelayedErasures implements DelayedErasures {
  readonly #redis: Redis;
  readonly #keys = [keys.delayedErasures, keys.delayedErasuresDue];

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  readonly put = async (erasure: DelayedErasure, signal: AbortSignal): Promise<void> => {
    const { conversation, untilMs } = erasure;
    await this.#redis.run(put, this.#keys, [conversation, JSON.stringify(erasure), untilMs], signal);
  };

  readonly drop = async (conversation: ConversationKey, signal: AbortSignal): Promise<void> => {
    await this.#redis.run(drop, this.#keys, [conversation], signal);
  };

  readonly due = async (
    nowMs: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly DelayedErasure[]> => {
    const found = strings(await this.#redis.run(due, this.#keys, [nowMs, limit], signal));
    return found.flatMap((each) => read(each) ?? []);
  };

  readonly cutoffs = async (
    conversations: readonly ConversationKey[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<ConversationKey, number>> => {
    const asked = [...new Set(conversations)];
    if (asked.length === 0) return new Map();
    const reply = await this.#redis.send(["HMGET", keys.delayedErasures, ...asked], signal);
    const found = strings(reply).flatMap((each) => read(each) ?? []);
    return new Map(found.map(({ conversation, beforeOrdinal }) => [conversation, beforeOrdinal]));
  };
}

/** Undefined if it can't be read. */
function read(record: string): DelayedErasure | undefined {
  if (record === "") return undefined;
  return erasureSchema.safeParse(JSON.parse(record)).data;
}
