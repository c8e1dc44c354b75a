/**
 * The erasures of a finish, in Lua. `removeAll`: a conversation's records. `removeTraces`: entries that may quote
 * removed messages. `removeBefore`: members below the oldest waiting seq. Needs recordIndexLua
 * and memberLua.
 */
export const eraseLua = `
local function removeAll(hash, conversation)
  for reference in pairs(recordsOf(hash, conversation)) do removeRecord(hash, conversation, reference) end
end

local function removeTraces(hash, conversation, gone)
  for reference, letter in pairs(recordsOf(hash, conversation)) do
    local about, entries = string.match(letter, "^([^\\n]*)(.*)$")
    local kept, count = about, 0
    for entry in string.gmatch(entries, "[^\\n]+") do
      if not mayQuote(entry, gone) then
        kept = kept .. "\\n" .. entry
        count = count + 1
      end
    end
    if count == 0 then removeRecord(hash, conversation, reference)
    elseif kept ~= letter then redis.call("HSET", hash, reference, kept) end
  end
end

-- Messages after the erasure are still waiting and belong to the conversation that begins again.
local function removeBefore(first, index, drop)
  local bound = first and ("(" .. first) or "+inf"
  for _, member in ipairs(redis.call("ZRANGE", index, "-inf", bound, "BYSCORE")) do drop(member) end
  redis.call("ZREMRANGEBYSCORE", index, "-inf", bound)
end
`;
