import { recordIndexLua } from "./record-index-lua.ts";
import { locationsLua } from "./locations-lua.ts";
import { memoryLua } from "./memory-lua.ts";
import { script } from "../commands/redis.ts";

/** KEYS[1]: a platform's conversations. ARGV: prefix of the conversation keys, beforeMs, skip, limit. */
export const silentScript = script(`
local reply = {}
for _, conversation in ipairs(redis.call("ZRANGE", KEYS[1], "-inf", "(" .. ARGV[2], "BYSCORE", "LIMIT", ARGV[3], ARGV[4])) do
  reply[#reply + 1] = conversation
  reply[#reply + 1] = redis.call("HGET", ARGV[1] .. conversation, "place") or ""
end
return reply
`);

/** See Eviction.leave. ARGV: conversation, prefix, revision, isListed, title, isNamed, beforeMs, pageKey. */
export const evictScript = script(`${locationsLua}${memoryLua}
local record, inbox, messages, memory = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local pendingSyncs, authors, postponed, archived = KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local pages = KEYS[9]
local conversation, prefix, revision = ARGV[1], ARGV[2], ARGV[3]
local isListed, title, isNamed, beforeMs, pageKey = ARGV[4], ARGV[5], ARGV[6], ARGV[7], ARGV[8]
local fields = redis.call("HMGET", record, "revision", "filed", "turn", "lastAtMs", "platform", "place", "title", "isNamed")
if not fields[1] or (fields[3] or "") ~= "" or redis.call("ZCARD", inbox) > 0 then return 0 end
if fields[4] and tonumber(fields[4]) >= tonumber(beforeMs) then return 0 end
if fields[2] ~= fields[1] or redis.call("ZSCORE", pendingSyncs, conversation) then return 0 end
local platform, place = fields[5], fields[6] or ""
local isSame = fields[1] == revision and (platform and "1" or "0") == isListed
if platform then isSame = isSame and (fields[7] or "") == title and (fields[8] or "0") == isNamed end
if not isSame then
  local time = redis.call("TIME")
  redis.call("ZADD", pendingSyncs, "NX", math.floor(time[1] * 1000 + time[2] / 1000), conversation)
  return 0
end
if platform then
  local located = prefix .. "located:" .. platform .. ":" .. place
  for _, message in ipairs(redis.call("ZRANGE", messages, 0, -1)) do
    removeLocation(located, message, conversation)
  end
  for _, author in ipairs(redis.call("ZRANGE", authors, 0, -1)) do
    redis.call("ZREM", prefix .. "written:" .. platform .. ":" .. author, conversation)
  end
  redis.call("ZREM", prefix .. "listed:" .. platform .. ":" .. place, conversation)
  redis.call("ZREM", prefix .. "active:" .. platform, conversation)
end
redis.call("ZREM", postponed, conversation)
removeMemory(memory, pages, pageKey)
redis.call("DEL", record, messages, authors)
redis.call("SADD", archived, conversation)
return 1
`);

/**
 * See Eviction.forgetLocations. ARGV: conversation, prefix, revision, the messages to keep. Returns early if there
 * can't be much to remove.
 */
export const forgetLocationsScript = script(`${locationsLua}
local record, inbox, messages = KEYS[1], KEYS[2], KEYS[3]
local conversation, prefix = ARGV[1], ARGV[2]
local known = redis.call("HMGET", record, "platform", "place", "revision")
if not known[1] or known[3] ~= ARGV[3] or redis.call("ZCARD", messages) <= #ARGV - 3 then return end
local first = redis.call("ZRANGE", inbox, 0, 0, "WITHSCORES")[2]
local kept = {}
for i = 4, #ARGV do kept[ARGV[i]] = true end
local located = prefix .. "located:" .. known[1] .. ":" .. (known[2] or "")
for _, message in ipairs(redis.call("ZRANGE", messages, "-inf", first and ("(" .. first) or "+inf", "BYSCORE")) do
  if not kept[message] then
    redis.call("ZREM", messages, message)
    removeLocation(located, message, conversation)
  end
end
`);

/** KEYS[1]: an author's conversations, by time. ARGV: prefix, author, beforeMs. */
export const expireWrittenScript = script(`
for _, conversation in ipairs(redis.call("ZRANGE", KEYS[1], "-inf", "(" .. ARGV[3], "BYSCORE")) do
  redis.call("ZREM", ARGV[1] .. "authors:" .. conversation, ARGV[2])
end
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", "(" .. ARGV[3])
`);

/** Keeps a newer mark, and one whose receipt is not delivered. ARGV: id, author, beforeMs. */
export const expireMarkScript = script(`
local forgettings, forgotten, receipts = KEYS[1], KEYS[2], KEYS[3]
if redis.call("HEXISTS", receipts, ARGV[1]) == 1 then return end
redis.call("HDEL", forgettings, ARGV[1])
local until_ = redis.call("HGET", forgotten, ARGV[2])
if until_ and tonumber(until_) < tonumber(ARGV[3]) then redis.call("HDEL", forgotten, ARGV[2]) end
`);

/** Removes a record and its entry in the conversation's set. KEYS[1]: the hash. ARGV: reference, conversation. */
export const removeRecordScript = script(`${recordIndexLua}
removeRecord(KEYS[1], ARGV[2], ARGV[1])
`);
