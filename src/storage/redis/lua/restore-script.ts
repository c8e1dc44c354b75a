import { hasSeveralPeople } from "../../../domain/people-in.ts";
import type { ConversationMemory } from "../../../domain/conversation-memory.ts";
import type { Archived } from "../../../ports/memory.ts";
import { fenceLua } from "./fence.ts";
import { memoryLua } from "./memory-lua.ts";
import { prefix } from "../commands/keys.ts";
import { script } from "../commands/redis.ts";

/** Stores a memory and its conversation's directory entries. See Journal.restore. */
export const restoreScript = script(`${fenceLua}${memoryLua}
local record, memory, pages, pendingSyncs, authors, archived = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local conversation, prefix, pageKey, revision, filed = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local platform, place, isShared = ARGV[7], ARGV[8], ARGV[9]
local isListed, title, isNamed, lastAtMs = ARGV[10], ARGV[11], ARGV[12], ARGV[13]
local authorCount = tonumber(ARGV[14])
if not isBase(memory, 15 + authorCount) then return "changed" end
writeMemory(memory, pages, pageKey, 15 + authorCount)
redis.call("SREM", archived, conversation)
redis.call("HSET", record, "revision", revision, "filed", filed, "isShared", isShared)
redis.call("PERSIST", record)
if filed ~= revision then
  local time = redis.call("TIME")
  redis.call("ZADD", pendingSyncs, "NX", math.floor(time[1] * 1000 + time[2] / 1000), conversation)
end
if isListed ~= "1" then return "ok" end
local known = redis.call("HMGET", record, "isNamed", "lastAtMs")
if known[1] ~= "1" then redis.call("HSET", record, "title", title) end
if isNamed == "1" then redis.call("HSET", record, "isNamed", "1") end
if not known[2] then
  redis.call("HSET", record, "platform", platform, "place", place, "lastAtMs", lastAtMs)
  redis.call("ZADD", prefix .. "listed:" .. platform .. ":" .. place, "NX", lastAtMs, conversation)
  redis.call("ZADD", prefix .. "active:" .. platform, "NX", lastAtMs, conversation)
end
for i = 15, 14 + authorCount do
  redis.call("ZADD", authors, "NX", 0, ARGV[i])
  redis.call("ZADD", prefix .. "written:" .. platform .. ":" .. ARGV[i], "NX", lastAtMs, conversation)
end
return "ok"
`);

/** ARGV of the script, after the lease and before `memoryValues`. */
export function restoreValues(
  memory: ConversationMemory,
  { syncedRevision, listing }: Archived,
  pageKey: string,
): readonly (string | number)[] {
  const { conversation, platform, place, revision, speakers } = memory;
  return [
    conversation,
    prefix,
    pageKey,
    revision,
    syncedRevision,
    platform,
    place,
    Number(hasSeveralPeople(memory)),
    Number(listing !== undefined),
    listing?.title ?? "",
    Number(listing?.isNamed === true),
    listing?.lastAtMs ?? 0,
    speakers.length,
    ...speakers.map(({ id }) => id),
  ];
}
