import type { Listing } from "../../../domain/archived-conversation.ts";
import { conversationKey, type ConversationKey } from "../../../domain/conversation.ts";
import type { Outbox, OutboxState, PendingSync } from "../../../ports/outbox.ts";
import { keys, prefix } from "../commands/keys.ts";
import type { RedisMemoryWriter } from "./redis-memory-writer.ts";
import { strings } from "../commands/replies.ts";
import { script, type Redis } from "../commands/redis.ts";

/** ARGV: limit, prefix of the conversation keys. */
const pendingScript = script(`
local reply = {}
for _, conversation in ipairs(redis.call("ZRANGE", KEYS[1], 0, ARGV[1] - 1)) do
  reply[#reply + 1] = conversation
  reply[#reply + 1] = redis.call("HGET", ARGV[2] .. conversation, "filed") or "0"
end
return reply
`);

const statesScript = script(`
local reply = {}
for at, record in ipairs(KEYS) do
  reply[at] = redis.call("HMGET", record, "filed", "platform", "title", "isNamed", "lastAtMs")
end
return reply
`);

/** KEYS: the pending ones, then record and messages of each conversation. ARGV: conversation, revision, locations of each. */
const markAllSyncedScript = script(`
local done, reply = {}, {}
for at = 1, #ARGV, 3 do
  local key = 2 + (at - 1) / 3 * 2
  local known = redis.call("HMGET", KEYS[key], "filed", "revision")
  local before, last = tonumber(known[1] or "0"), tonumber(known[2] or "0")
  local revision = tonumber(ARGV[at + 1])
  if revision >= before and revision <= last then
    redis.call("HSET", KEYS[key], "filed", ARGV[at + 1])
    if revision == last then
      done[#done + 1] = ARGV[at]
      if redis.call("ZCARD", KEYS[key + 1]) > tonumber(ARGV[at + 2]) then reply[#reply + 1] = ARGV[at] end
    end
  end
end
if #done > 0 then redis.call("ZREM", KEYS[1], unpack(done)) end
return reply
`);

/** ARGV: revision, conversation. */
const markSyncedScript = script(`
local known = redis.call("HMGET", KEYS[1], "filed", "revision")
local before, last = tonumber(known[1] or "0"), tonumber(known[2] or "0")
local revision = tonumber(ARGV[1])
if revision < before then return end
if revision > last then
  -- The archived memory was lost here. If another one has begun, it still has to be synced.
  if redis.call("EXISTS", KEYS[3]) == 0 then redis.call("ZREM", KEYS[2], ARGV[2]) end
  return
end
if redis.call("EXISTS", KEYS[1]) == 1 then redis.call("HSET", KEYS[1], "filed", ARGV[1]) end
if revision == last then redis.call("ZREM", KEYS[2], ARGV[2]) end
`);

/** The outbox in Redis. Finish adds the conversation to it. */
export class RedisOutbox implements Outbox {
  readonly #redis: Redis;

  readonly #memories: RedisMemoryWriter;

  constructor(redis: Redis, memories: RedisMemoryWriter) {
    this.#redis = redis;
    this.#memories = memories;
  }

  readonly pending = async (limit: number, signal: AbortSignal): Promise<readonly PendingSync[]> => {
    const values = [limit, `${prefix}conversation:`];
    const found = strings(await this.#redis.run(pendingScript, [keys.pendingSyncs], values, signal));
    return Array.from({ length: found.length / 2 }, (_, index) => ({
      conversation: conversationKey(found[index * 2]),
      syncedRevision: Number(found[index * 2 + 1]),
    }));
  };

  readonly pendingKeys: Outbox["pendingKeys"] = async (limit, signal) =>
    strings(await this.#redis.send(["ZRANGE", keys.pendingSyncs, 0, limit - 1], signal)).map(conversationKey);

  readonly states: Outbox["states"] = async (conversations, signal) => {
    if (conversations.length === 0) return [];
    const found = await this.#redis.run(statesScript, conversations.map(keys.conversation), [], signal);
    return (Array.isArray(found) ? found : []).map(stateFrom);
  };

  readonly listing = async (
    conversation: ConversationKey,
    signal: AbortSignal,
  ): Promise<Listing | undefined> => {
    const fields = ["platform", "title", "isNamed", "lastAtMs"];
    const found = await this.#redis.send(["HMGET", keys.conversation(conversation), ...fields], signal);
    return listingFrom(Array.isArray(found) ? found : []);
  };

  readonly markSynced = async (
    conversation: ConversationKey,
    revision: number,
    signal: AbortSignal,
  ): Promise<void> => {
    const memory = this.#memories.headKey(conversation);
    const names = [keys.conversation(conversation), keys.pendingSyncs, memory];
    await this.#redis.run(markSyncedScript, names, [revision, conversation], signal);
  };

  readonly markAllSynced: Outbox["markAllSynced"] = async (synced, signal) => {
    if (synced.length === 0) return [];
    const names = synced.flatMap(({ conversation }) => [
      keys.conversation(conversation),
      keys.messages(conversation),
    ]);
    const values = synced.flatMap(({ conversation, revision, locations }) => [
      conversation,
      revision,
      locations,
    ]);
    const found = await this.#redis.run(markAllSyncedScript, [keys.pendingSyncs, ...names], values, signal);
    return strings(found).map(conversationKey);
  };
}

function stateFrom(reply: unknown): OutboxState {
  const [synced, ...listed]: unknown[] = Array.isArray(reply) ? reply : [];
  const listing = listingFrom(listed);
  return { syncedRevision: Number(synced ?? 0), ...(listing === undefined ? {} : { listing }) };
}

function listingFrom([platform, title, isNamed, lastAtMs]: readonly unknown[]): Listing | undefined {
  if (typeof platform !== "string") return undefined;
  const listing = { title: typeof title === "string" ? title : "", lastAtMs: Number(lastAtMs ?? 0) };
  return isNamed === "1" ? { ...listing, isNamed: true } : listing;
}
