import { keys, prefix } from "../commands/keys.ts";
import { coveredLua } from "./covered-lua.ts";
import { eraseLua } from "./erase-lua.ts";
import { fenceLuaReading } from "./fence.ts";
import { memoryLua } from "./memory-lua.ts";
import { recordIndexLua } from "./record-index-lua.ts";
import { locationsLua } from "./locations-lua.ts";
import { memberLua } from "./inbox-member.ts";
import { script } from "../commands/redis.ts";

const before = ["platform", "place", "isNamed", "title", "isShared", "revision", "filed"];
const marks = ["worker", "suspicion", "postponed"];

/** `set`: changes a field of the record, whose value was `before`. `store`: writes all changes at once. */
const fieldsLua = `
local fields = {}
local function set(field, value, before)
  if value ~= before then fields[#fields + 1], fields[#fields + 2] = field, value end
end
local function store(record)
  if #fields > 0 then redis.call("HSET", record, unpack(fields)) end
  fields = {}
end
`;

/**
 * The end of a turn in one atomic step: memory, inbox, journal, directory and outbox. Answers "more" or "rest". Does nothing
 * on an old lease, and answers "changed" if the stored memory is not the one that the pages are written for.
 */
export const finishScript =
  script(`${fenceLuaReading(...before, ...marks)}${recordIndexLua}${locationsLua}${memberLua}${coveredLua}${eraseLua}${memoryLua}${fieldsLua}
local record, inbox, messages, memory, authors, pages = unpack(KEYS)
local prefix, deadLetters, quarantine = "${prefix}", "${keys.deadLetters}", "${keys.quarantine}"
local conversation, covers, posts = ARGV[2], ARGV[3], ARGV[4]
local pageKey, revision, isShared = ARGV[5], ARGV[6], ARGV[7]
local hasTitle, title, reference, letter = ARGV[8], ARGV[9], ARGV[10], ARGV[11]
local erase, goneIds, changedIds, goesOn, suspicion = ARGV[12], ARGV[13], ARGV[14], ARGV[15], ARGV[16]
local isUnnamed, nowMs = ARGV[17], ARGV[18]
local newMemory = 19
if revision ~= "" and not isBase(memory, newMemory) then return "changed" end
local platform, isNamed, titleBefore, isSharedBefore = held[3], held[5], held[6], held[7]
local revisionBefore, filedBefore = held[8], held[9]
local worker, suspicionBefore, isPostponed = held[10] or "", held[11] or "", held[12] or ""
local isKnown = platform and true or false
local place = (platform or "") .. ":" .. (held[4] or "")
local located = prefix .. "located:" .. place
-- The conversation and the one for delegated commands: see laneOf.
local both = {conversation, "beside:" .. conversation}

local isReplaced = false
local first = removeCovered(inbox, covers, function(entry)
  isReplaced = isReplaced or replacesText(entry)
  if reference ~= "" then letter = letter .. "\\n" .. string.match(entry, "^%d+ %d+ (.*)$") end
end)
if reference ~= "" then putRecord(deadLetters, conversation, reference, letter) end
if isShared ~= "" then set("isShared", isShared, isSharedBefore) end
if isNamed ~= "1" then
  if hasTitle == "1" then set("title", title, titleBefore) end
elseif isUnnamed == "1" then
  set("title", title, titleBefore)
  redis.call("HDEL", record, "isNamed")
end
-- An empty turn, worker or suspicion is none.
if goesOn ~= "1" then set("turn", "") end
if isKnown and posts ~= "" then
  local locations, members = {}, {}
  for post in string.gmatch(posts, "[^\\n]+") do
    locations[#locations + 1], locations[#locations + 2] = post, conversation
    members[#members + 1], members[#members + 2] = 0, post
  end
  redis.call("HSET", located, unpack(locations))
  redis.call("ZADD", messages, "NX", unpack(members))
end
if isPostponed ~= "" then
  redis.call("ZREM", "${keys.postponed}", conversation)
  set("postponed", "")
end
if first then redis.call("ZADD", "${keys.waiting}", first, conversation) else redis.call("ZREM", "${keys.waiting}", conversation) end
set("worker", "", worker)
set("suspicion", first and suspicion or "", suspicionBefore)

if isReplaced or goneIds ~= "" or changedIds ~= "" or erase == "1" then redis.call("SET", "${keys.erased}", "1") end
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
  store(record)
  for _, each in ipairs(both) do
    removeAll(deadLetters, each)
    removeAll(quarantine, each)
  end
  removeBefore(first, messages, function(message) removeLocation(located, message, conversation) end)
  removeBefore(first, authors, function(author)
    redis.call("ZREM", prefix .. "written:" .. (platform or "") .. ":" .. author, conversation)
  end)
  removeMemory(memory, pages, pageKey)
  redis.call("ZREM", "${keys.pendingSyncs}", conversation)
  redis.call("HDEL", record, "title", "isNamed", "isShared", "lastMessage", "revision")
  revisionBefore = nil
  if not first then
    redis.call("HDEL", record, "platform", "place", "lastAtMs")
    redis.call("ZREM", prefix .. "listed:" .. place, conversation)
    redis.call("ZREM", prefix .. "active:" .. (platform or ""), conversation)
    isKnown = false
  end
end

if revision ~= "" then
  writeMemory(memory, pages, pageKey, newMemory)
  -- A lost memory that began again counts revisions from the start.
  local filed = math.min(tonumber(filedBefore or "0"), math.max(tonumber(revision) - 1, 0))
  set("revision", revision, revisionBefore)
  set("filed", string.format("%.0f", filed), filedBefore)
  -- Only the record of a conversation without content expires.
  if not isKnown and not revisionBefore then redis.call("PERSIST", record) end
  redis.call("ZADD", "${keys.pendingSyncs}", "NX", nowMs, conversation)
elseif not isKnown and not first and not revisionBefore then
  redis.call("DEL", record)
  return "rest"
end
store(record)
return first and "more" or "rest"
`);
