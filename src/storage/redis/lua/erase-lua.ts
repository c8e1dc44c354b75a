/**
 * The erasures of a finish, in Lua. `removeAll`: a conversation's records. `removeTraces`: entries that quote removed
 * messages. `removeBefore`: members below the oldest waiting seq. Needs recordIndexLua.
 */
export const eraseLua = `
local function removeAll(hash, conversation)
  for reference in pairs(recordsOf(hash, conversation)) do removeRecord(hash, conversation, reference) end
end

-- JavaScript's JSON may contain half a surrogate pair, which cjson can't read.
local function decode(entry)
  local isReadable, inbound = pcall(cjson.decode, entry)
  if not isReadable then
    entry = string.gsub(string.gsub(entry, "\\\\\\\\", "//"), "\\\\u[dD][89a-fA-F]%x%x", "?")
    isReadable, inbound = pcall(cjson.decode, entry)
  end
  return isReadable and inbound or nil
end

-- Like mayQuote() in records/may-quote.ts. An unreadable entry may quote any message.
local function isQuoting(entry, gone)
  local inbound = decode(entry)
  if type(inbound) ~= "table" or inbound.kind == "folded" or inbound.kind == "titled" then return true end
  if inbound.kind == "delegated" then inbound = inbound.command end
  local message = inbound.message
  if type(message) == "table" then
    local quoted = message.quoted
    if type(quoted) == "table" and gone["quoted:" .. tostring(quoted.id)] then return true end
    message = message.id
  end
  return message ~= nil and gone[message] == true
end

local function removeTraces(hash, conversation, gone)
  for reference, letter in pairs(recordsOf(hash, conversation)) do
    local about, entries = string.match(letter, "^([^\\n]*)(.*)$")
    local kept, count = about, 0
    for entry in string.gmatch(entries, "[^\\n]+") do
      if not isQuoting(entry, gone) then
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
