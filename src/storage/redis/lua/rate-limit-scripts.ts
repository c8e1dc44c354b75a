import { script } from "../commands/redis.ts";

/**
 * Calls of the last window are a sorted set by time; promised calls stand under their tickets. KEYS: calls, pause, strict,
 * reserved ends to remove from, to add to, and of another limit to remove from. ARGV: now, calls, window, whether to tidy,
 * ticket, a name for the call, answer to open and answer to close or empty, answer TTL, whether calls are counted late, answer to
 * close under the other limit or empty. A call is promised for later only
 * during a pause or after it, while the limit is strict. What is too old counts nowhere; it only takes memory. Replies the wait,
 * and "marked" while calls may have to wait.
 */
export const reserveScript = script(
  `
local now, calls, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local ticket, name, opens, closes, ttl = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
if closes ~= "" then redis.call("ZREM", KEYS[4], closes) end
if ARGV[11] ~= "" then redis.call("ZREM", KEYS[6], ARGV[11]) end
if opens ~= "" and redis.call("ZADD", KEYS[5], "NX", now, opens) == 1 then redis.call("PEXPIRE", KEYS[5], ttl * 2) end
local marks = redis.call("MGET", KEYS[2], KEYS[3])
local isMarked = (marks[1] or marks[2]) and true or false
if ARGV[10] == "1" and not isMarked then return {"0"} end
local tidies = ARGV[4] == "1"
if tidies then redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now - window) end
local at = math.max(now, tonumber(marks[1] or "0"))
local promised = isMarked and redis.call("ZSCORE", KEYS[1], ticket)
if promised then
  at = math.max(at, tonumber(promised))
elseif now < tonumber(marks[2] or "0") then
  local held = redis.call("ZRANGE", KEYS[1], -calls, -calls, "WITHSCORES")
  if held[2] then at = math.max(at, tonumber(held[2]) + window) end
end
if promised and at <= now then redis.call("ZREM", KEYS[1], ticket) end
if not promised or at <= now then redis.call("ZADD", KEYS[1], at, at <= now and name or ticket) end
-- Else a call of this process did so within the last window, for long enough.
if tidies or isMarked then
  -- Other calls may be promised for later.
  local last = redis.call("ZRANGE", KEYS[1], -1, -1, "WITHSCORES")
  redis.call("PEXPIRE", KEYS[1], math.ceil(tonumber(last[2]) - now + 2 * window))
end
return {tostring(at - now), isMarked and "marked" or nil}
`,
  { grows: true },
);

/**
 * KEYS: calls, pause, reserved ends, growths. ARGV: now, calls, window, whether to trim, answer, a name for the call, answer
 * TTL, growth share, longest pause, pause if none is left, maximum growths.
 */
export const growScript = script(
  `
local now, calls, window, ttl = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[7])
local answer, name = ARGV[5], ARGV[6]
local nextAt = tonumber(redis.call("ZSCORE", KEYS[3], answer) or "0")
local waitMs = math.max(nextAt, tonumber(redis.call("GET", KEYS[2]) or "0")) - now
if waitMs > 0 then return tostring(waitMs) end
if ARGV[4] == "1" then
  redis.call("ZREMRANGEBYSCORE", KEYS[3], "-inf", now - ttl)
  redis.call("ZREMRANGEBYSCORE", KEYS[4], "-inf", now - window)
end
local function countSince(key, ms) return redis.call("ZCOUNT", key, string.format("(%.17g", ms), "+inf") end
local open = countSince(KEYS[3], now - ttl)
if nextAt <= now - ttl then open = open + 1 end
local left = calls - countSince(KEYS[1], now - window) - open
if left >= 1 then left = math.min(left, ARGV[11] - countSince(KEYS[4], now - window)) end
nextAt = now
if left >= 1 then
  redis.call("ZADD", KEYS[1], now, name)
  redis.call("ZADD", KEYS[4], now, name)
  redis.call("PEXPIRE", KEYS[1], math.ceil(2 * window))
  redis.call("PEXPIRE", KEYS[4], math.ceil(window))
  nextAt = now + math.min(ARGV[9], open * window * ARGV[8] / left)
end
redis.call("ZADD", KEYS[3], nextAt, answer)
redis.call("PEXPIRE", KEYS[3], ttl * 2)
return left >= 1 and "0" or ARGV[10]
`,
  { grows: true },
);

/**
 * KEYS: calls, pause, reserved ends of a limit, then of the limit of the end. ARGV: now, answer TTL, calls and window of both
 * limits, a name for the call, answer, for how long its end stays reserved. Replies 1 if the call was taken.
 */
export const spareScript = script(
  `
local now, ttl = tonumber(ARGV[1]), tonumber(ARGV[2])
local function countSince(key, ms) return redis.call("ZCOUNT", key, string.format("(%.17g", ms), "+inf") end
local function isFree(at, calls, window)
  if now < tonumber(redis.call("GET", KEYS[at + 1]) or "0") then return false end
  return countSince(KEYS[at], now - window) + countSince(KEYS[at + 2], now - ttl) < tonumber(calls)
end
if not isFree(1, ARGV[3], ARGV[4]) or not isFree(4, ARGV[5], ARGV[6]) then return 0 end
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now - ARGV[4])
redis.call("ZREMRANGEBYSCORE", KEYS[6], "-inf", now - ttl)
redis.call("ZADD", KEYS[1], now, ARGV[7])
redis.call("PEXPIRE", KEYS[1], math.ceil(2 * ARGV[4]))
redis.call("ZADD", KEYS[6], now + ARGV[9] - ttl, ARGV[8])
redis.call("PEXPIRE", KEYS[6], math.ceil(ARGV[9] + ttl))
return 1
`,
  { grows: true },
);

/**
 * ARGV: now, pause, how long to stay strict after it. A pause is never shortened, and the refused call doesn't count.
 */
export const pauseScript = script(
  `
local now, ms = tonumber(ARGV[1]), tonumber(ARGV[2])
local last = redis.call("ZREVRANGEBYSCORE", KEYS[1], now, "-inf", "LIMIT", 0, 1)
if last[1] then redis.call("ZREM", KEYS[1], last[1]) end
redis.call("SET", KEYS[3], now + ms + ARGV[3], "PX", math.ceil(ms + ARGV[3]))
if now + ms <= tonumber(redis.call("GET", KEYS[2]) or "0") then return end
redis.call("SET", KEYS[2], now + ms, "PX", math.max(1, math.ceil(ms)))
`,
  { grows: true },
);

/**
 * What a process noted under one limit. KEYS: calls, reserved ends. ARGV: now, window, whether to tidy, answer TTL, numbers of
 * calls and of ended answers; then time and name of each call, each ended answer, and time and name of each open answer.
 */
export const noteScript = script(
  `
local now, window, ttl = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4])
local lastCall = 6 + 2 * ARGV[5]
local lastEnd = lastCall + ARGV[6]
if ARGV[3] == "1" then redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now - window) end
if lastCall > 6 then
  redis.call("ZADD", KEYS[1], unpack(ARGV, 7, lastCall))
  -- Other calls may be promised for later.
  if redis.call("PTTL", KEYS[1]) < 2 * window then redis.call("PEXPIRE", KEYS[1], math.ceil(3 * window)) end
end
if lastEnd > lastCall then redis.call("ZREM", KEYS[2], unpack(ARGV, lastCall + 1, lastEnd)) end
if #ARGV > lastEnd then
  redis.call("ZADD", KEYS[2], "NX", unpack(ARGV, lastEnd + 1))
  redis.call("PEXPIRE", KEYS[2], ttl * 2)
end
`,
  { grows: true },
);
