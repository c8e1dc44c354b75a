/**
 * Dead letters and records that were set aside, in Lua: a hash of all by their references, and beside it for each
 * conversation a set of its own. What one conversation costs does not grow with those of the others.
 */
export const recordIndexLua = `
local function keepLetter(hash, conversation, reference, letter)
  redis.call("HSET", hash, reference, letter)
  redis.call("SADD", hash .. ":" .. conversation, reference)
end

local function dropLetter(hash, conversation, reference)
  redis.call("SREM", hash .. ":" .. conversation, reference)
  return redis.call("HDEL", hash, reference)
end

local function lettersOf(hash, conversation)
  local found = {}
  for _, reference in ipairs(redis.call("SMEMBERS", hash .. ":" .. conversation)) do
    local letter = redis.call("HGET", hash, reference)
    if letter then found[reference] = letter else dropLetter(hash, conversation, reference) end
  end
  return found
end
`;
