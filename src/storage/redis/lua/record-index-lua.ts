/**
 * Dead letters and quarantined records, in Lua: a hash of records by reference, and a set of references per
 * conversation. So the cost of one conversation doesn't grow with the others.
 */
export const recordIndexLua = `
local function putRecord(hash, conversation, reference, record)
  redis.call("HSET", hash, reference, record)
  redis.call("SADD", hash .. ":" .. conversation, reference)
end

local function removeRecord(hash, conversation, reference)
  redis.call("SREM", hash .. ":" .. conversation, reference)
  return redis.call("HDEL", hash, reference)
end

local function recordsOf(hash, conversation)
  local found = {}
  for _, reference in ipairs(redis.call("SMEMBERS", hash .. ":" .. conversation)) do
    local record = redis.call("HGET", hash, reference)
    if record then found[reference] = record else removeRecord(hash, conversation, reference) end
  end
  return found
end
`;
