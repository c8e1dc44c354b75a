/**
 * In Lua. `removeCovered`: removes the covered entries of an inbox, calls `onCovered` with each, and returns the seq of the
 * oldest one that is left, if any. They are nearly always the oldest ones. Needs memberLua.
 */
export const coveredLua = `
local function removeCovered(inbox, covers, onCovered)
  local isCovered, count, found, first = {}, 0, {}, nil
  for id in string.gmatch(covers, "%S+") do isCovered[id], count = true, count + 1 end
  local function take(entry)
    local id = named(entry)
    if not isCovered[id] then return false end
    isCovered[id] = nil
    found[#found + 1] = entry
    onCovered(entry)
    return true
  end
  local oldest = redis.call("ZRANGE", inbox, 0, count, "WITHSCORES")
  for i = 1, #oldest, 2 do
    if not take(oldest[i]) then first = first or oldest[i + 1] end
  end
  if #found < count and first then
    for id in string.gmatch(covers, "%S+") do
      local seq = string.match(id, "^%d+")
      for _, entry in ipairs(isCovered[id] and redis.call("ZRANGE", inbox, seq, seq, "BYSCORE") or {}) do take(entry) end
    end
  end
  if first and #found > 0 then redis.call("ZREM", inbox, unpack(found))
  -- These were all, and need not be named.
  elseif #found > 0 then redis.call("DEL", inbox) end
  return first
end
`;
