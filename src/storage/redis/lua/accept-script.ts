import { listedSpanLua } from "./listed-span.ts";
import { locationsLua } from "./locations-lua.ts";
import { script } from "../commands/redis.ts";

const acceptLua = `${locationsLua}${listedSpanLua}
local conversation, dedupeId, nowMs, opens = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local platform, place, title, inbound, isFromOutside = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local message, isHeard, author, deletion, deletedBy = ARGV[10], ARGV[11], ARGV[12], ARGV[13], ARGV[14]
local quoted, untilMs = ARGV[15], ARGV[16]
local time = redis.call("TIME")
if time[1] * 1000 + time[2] / 1000 > tonumber(untilMs) then return "late" end
if deletion ~= "" then redis.call("ZADD", KEYS[2], nowMs, deletion) end
if deletedBy ~= "" and redis.call("ZSCORE", KEYS[2], deletedBy) then return "duplicate" end
local known = redis.call("HMGET", KEYS[1], "platform", "place", "lastAtMs", "title", "isNamed")
if opens == "0" and not known[1] and redis.call("SISMEMBER", KEYS[12], conversation) == 0 then return "ignored" end
if redis.call("ZADD", KEYS[2], "NX", nowMs, dedupeId) == 0 then return "duplicate" end
local seq = string.format("%.0f", redis.call("INCR", KEYS[3]))
redis.call("ZADD", KEYS[4], seq, seq .. " " .. nowMs .. " " .. inbound)
redis.call("ZADD", KEYS[5], "NX", seq, conversation)
if isFromOutside == "0" then return "stored" end
if spanOf(known[3] or "-1") ~= spanOf(nowMs) or known[1] ~= platform or known[2] ~= place then
  redis.call("ZADD", KEYS[6], nowMs, conversation)
  redis.call("ZADD", KEYS[7], nowMs, conversation)
end
local fields = {"lastAtMs", nowMs}
local function set(field, value) fields[#fields + 1], fields[#fields + 2] = field, value end
if known[1] ~= platform or known[2] ~= place then
  set("platform", platform)
  set("place", place)
end
if title ~= "" and known[5] ~= "1" and (known[4] or "") == "" then set("title", title) end
if isHeard == "1" then set("lastMessage", message) end
redis.call("HSET", KEYS[1], unpack(fields))
-- Only the record of a conversation without content expires.
if not known[1] then redis.call("PERSIST", KEYS[1]) end
if message ~= "" then
  redis.call("HSET", KEYS[8], message, conversation)
  redis.call("ZADD", KEYS[9], seq, message)
end
if quoted ~= "" then
  addQuotedLocation(KEYS[8], quoted, conversation)
  redis.call("ZADD", KEYS[9], seq, quoted)
end
if author ~= "" then
  redis.call("ZADD", KEYS[10], seq, author)
  redis.call("ZADD", KEYS[11], nowMs, conversation)
end
return "stored"
`;
/** Stores an inbound that adds text, which a full server may refuse. Replies "stored", "duplicate", "ignored" or "late". */
export const acceptWords = script(acceptLua, { grows: true });
/** The same for all others. */
export const acceptChange = script(acceptLua);
