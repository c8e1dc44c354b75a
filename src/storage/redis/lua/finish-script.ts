import { eraseLua } from "./erase-lua.ts";
import { fenceLua } from "./fence.ts";
import { memoryLua } from "./memory-lua.ts";
import { recordIndexLua } from "./record-index-lua.ts";
import { locationsLua } from "./locations-lua.ts";
import { memberLua } from "./inbox-member.ts";
import { script } from "../commands/redis.ts";

/**
 * The end of a turn in one atomic step: memory, inbox, journal, directory and outbox. Does nothing on an old lease, and
 * answers "changed" if the stored memory is not the one that the pages are written for.
 */
export const finishScript =
  script(`${fenceLua}${recordIndexLua}${locationsLua}${memberLua}${eraseLua}${memoryLua}
local record, inbox, waiting, postponed, messages = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local deadLetters, quarantine, memory, pendingSyncs, authors = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local pages = KEYS[11]
local conversation, prefix, covers, posts = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local pageKey, revision, isShared = ARGV[6], ARGV[7], ARGV[8]
local hasTitle, title, reference, letter = ARGV[9], ARGV[10], ARGV[11], ARGV[12]
local erase, goneIds, changedIds, goesOn, suspicion = ARGV[13], ARGV[14], ARGV[15], ARGV[16], ARGV[17]
local isUnnamed = ARGV[18]
local newMemory = 19
if revision ~= "" and not isBase(memory, newMemory) then return "changed" end
local known = redis.call("HMGET", record, "platform", "place", "isNamed")
local isKnown = known[1] and true or false
local place = (known[1] or "") .. ":" .. (known[2] or "")
local located = prefix .. "located:" .. place
-- The conversation and the one for delegated commands: see laneOf.
local both = {conversation, "beside:" .. conversation}

local isReplaced = false
for id in string.gmatch(covers, "%S+") do
  local seq = string.match(id, "^%d+")
  for _, entry in ipairs(redis.call("ZRANGE", inbox, seq, seq, "BYSCORE")) do
    if named(entry) == id then
      isReplaced = isReplaced or replacesText(entry)
      if reference ~= "" then letter = letter .. "\\n" .. string.match(entry, "^%d+ %d+ (.*)$") end
      redis.call("ZREM", inbox, entry)
    end
  end
end
if reference ~= "" then putRecord(deadLetters, conversation, reference, letter) end
if isShared ~= "" then redis.call("HSET", record, "isShared", isShared) end
if known[3] ~= "1" then
  if hasTitle == "1" then redis.call("HSET", record, "title", title) end
elseif isUnnamed == "1" then
  redis.call("HSET", record, "title", title)
  redis.call("HDEL", record, "isNamed")
end
if goesOn ~= "1" then redis.call("HDEL", record, "turn") end
for post in string.gmatch(isKnown and posts or "", "[^\\n]+") do
  redis.call("HSET", located, post, conversation)
  redis.call("ZADD", messages, "NX", 0, post)
end
redis.call("ZREM", postponed, conversation)
local first = redis.call("ZRANGE", inbox, 0, 0, "WITHSCORES")[2]
if first then redis.call("ZADD", waiting, first, conversation) else redis.call("ZREM", waiting, conversation) end
redis.call("HDEL", record, "worker", "suspicion")
if first and suspicion ~= "" then redis.call("HSET", record, "suspicion", suspicion) end

if isReplaced or goneIds ~= "" or changedIds ~= "" or erase == "1" then redis.call("SET", prefix .. "erased", "1") end
if goneIds ~= "" or changedIds ~= "" then
  local gone = {}
  for message in string.gmatch(changedIds, "[^\\n]+") do gone[message] = true end
  for message in string.gmatch(goneIds, "[^\\n]+") do
    gone[message] = true
    removeLocation(located, message, conversation)
    redis.call("ZREM", messages, message)
  end
  for _, each in ipairs(both) do
    removeTraces(deadLetters, each, gone)
    removeAll(quarantine, each)
  end
end

if erase == "1" then
  for _, each in ipairs(both) do
    removeAll(deadLetters, each)
    removeAll(quarantine, each)
  end
  removeBefore(first, messages, function(message) removeLocation(located, message, conversation) end)
  removeBefore(first, authors, function(author)
    redis.call("ZREM", prefix .. "written:" .. (known[1] or "") .. ":" .. author, conversation)
  end)
  removeMemory(memory, pages, pageKey)
  redis.call("ZREM", pendingSyncs, conversation)
  redis.call("HDEL", record, "title", "isNamed", "isShared", "lastMessage", "revision")
  if not first then
    redis.call("HDEL", record, "platform", "place", "lastAtMs")
    redis.call("ZREM", prefix .. "listed:" .. place, conversation)
    redis.call("ZREM", prefix .. "active:" .. (known[1] or ""), conversation)
    isKnown = false
  end
end

if revision ~= "" then
  writeMemory(memory, pages, pageKey, newMemory)
  -- A lost memory that began again counts revisions from the start.
  local filed = math.min(tonumber(redis.call("HGET", record, "filed") or "0"), math.max(tonumber(revision) - 1, 0))
  redis.call("HSET", record, "revision", revision, "filed", string.format("%.0f", filed))
  redis.call("PERSIST", record)
  local time = redis.call("TIME")
  redis.call("ZADD", pendingSyncs, "NX", math.floor(time[1] * 1000 + time[2] / 1000), conversation)
elseif not isKnown and not first and redis.call("HEXISTS", record, "revision") == 0 then
  redis.call("DEL", record)
end
return "ok"
`);
