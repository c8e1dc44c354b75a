import { keys } from "../commands/keys.ts";
import { listedSpanLua } from "./listed-span.ts";
import { locationsLua } from "./locations-lua.ts";
import { script } from "../commands/redis.ts";

const acceptLua = `${locationsLua}${listedSpanLua}
local record, inbox, messages, authors = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local located, listed, active, written = KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local conversation, dedupeId, nowMs, opens = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local platform, place, title, inbound, movesUp = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local message, isHeard, author, deletion, deletedBy = ARGV[10], ARGV[11], ARGV[12], ARGV[13], ARGV[14]
local quoted, untilMs = ARGV[15], ARGV[16]
local time = redis.call("TIME")
if time[1] * 1000 + time[2] / 1000 > tonumber(untilMs) then return "late" end
if deletion ~= "" then redis.call("ZADD", "${keys.seen}", nowMs, deletion) end
if deletedBy ~= "" and redis.call("ZSCORE", "${keys.seen}", deletedBy) then return "duplicate" end
local known = redis.call("HMGET", record, "platform", "place", "lastAtMs", "title", "isNamed")
if opens == "0" and not known[1] and redis.call("SISMEMBER", "${keys.archived}", conversation) == 0 then return "ignored" end
if redis.call("ZADD", "${keys.seen}", "NX", nowMs, dedupeId) == 0 then return "duplicate" end
local seq = string.format("%.0f", redis.call("INCR", "${keys.seq}"))
redis.call("ZADD", inbox, seq, seq .. " " .. nowMs .. " " .. inbound)
redis.call("ZADD", "${keys.waiting}", "NX", seq, conversation)
if movesUp == "0" then return "stored" end
if spanOf(known[3] or "-1") ~= spanOf(nowMs) or known[1] ~= platform or known[2] ~= place then
  redis.call("ZADD", listed, nowMs, conversation)
  redis.call("ZADD", active, nowMs, conversation)
end
local fields = {"lastAtMs", nowMs}
local function set(field, value) fields[#fields + 1], fields[#fields + 2] = field, value end
if known[1] ~= platform or known[2] ~= place then
  set("platform", platform)
  set("place", place)
end
if title ~= "" and known[5] ~= "1" and (known[4] or "") == "" then set("title", title) end
if isHeard == "1" then set("lastMessage", message) end
redis.call("HSET", record, unpack(fields))
-- Only the record of a conversation without content expires.
if not known[1] then redis.call("PERSIST", record) end
if message ~= "" then
  redis.call("HSET", located, message, conversation)
  redis.call("ZADD", messages, seq, message)
end
if quoted ~= "" then
  addQuotedLocation(located, quoted, conversation)
  redis.call("ZADD", messages, seq, quoted)
end
if author ~= "" then
  redis.call("ZADD", authors, seq, author)
  redis.call("ZADD", written, nowMs, conversation)
end
return "stored"
`;
/** Stores an inbound that adds text, which a full server may refuse. Replies "stored", "duplicate", "ignored" or "late". */
export const acceptWords = script(acceptLua, { grows: true });
/** The same for all others. */
export const acceptChange = script(acceptLua);
