/**
 * What finish takes away, in Lua: `dropAll` what a hash keeps of a conversation, `dropTraces` what in it quotes messages
 * that are gone, `dropBefore` what is older than the first that waits. Needs lettersLua before it.
 */
export const eraseLua = `
local function dropAll(hash, conversation)
  for reference in pairs(lettersOf(hash, conversation)) do dropLetter(hash, conversation, reference) end
end

-- Half a surrogate pair is JSON to JavaScript, and none to cjson.
local function decode(entry)
  local isReadable, inbound = pcall(cjson.decode, entry)
  if not isReadable then
    entry = string.gsub(string.gsub(entry, "\\\\\\\\", "//"), "\\\\u[dD][89a-fA-F]%x%x", "?")
    isReadable, inbound = pcall(cjson.decode, entry)
  end
  return isReadable and inbound or nil
end

-- As quotes() in records/quotes.ts. What can't be read may quote any.
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

local function dropTraces(hash, conversation, gone)
  for reference, letter in pairs(lettersOf(hash, conversation)) do
    local about, entries = string.match(letter, "^([^\\n]*)(.*)$")
    local kept, count = about, 0
    for entry in string.gmatch(entries, "[^\\n]+") do
      if not isQuoting(entry, gone) then
        kept = kept .. "\\n" .. entry
        count = count + 1
      end
    end
    if count == 0 then dropLetter(hash, conversation, reference)
    elseif kept ~= letter then redis.call("HSET", hash, reference, kept) end
  end
end

-- What was said after the erasure waits still, and belongs to a conversation that begins anew.
local function dropBefore(first, index, drop)
  local bound = first and ("(" .. first) or "+inf"
  for _, member in ipairs(redis.call("ZRANGE", index, "-inf", bound, "BYSCORE")) do drop(member) end
  redis.call("ZREMRANGEBYSCORE", index, "-inf", bound)
end
`;
