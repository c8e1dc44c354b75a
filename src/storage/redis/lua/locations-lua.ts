/**
 * Locations of messages, in Lua. A quoted message may belong to several conversations, stored one per line.
 * `addQuotedLocation` adds one of them; `removeLocation` removes one of any message.
 */
export const locationsLua = `
local function addQuotedLocation(located, message, conversation)
  local known = redis.call("HGET", located, message)
  for each in string.gmatch(known or "", "[^\\n]+") do
    if each == conversation then return end
  end
  redis.call("HSET", located, message, known and (known .. "\\n" .. conversation) or conversation)
end

local function removeLocation(located, message, conversation)
  local known = redis.call("HGET", located, message)
  if not known then return end
  local left = {}
  for each in string.gmatch(known, "[^\\n]+") do
    if each ~= conversation then left[#left + 1] = each end
  end
  if #left == 0 then redis.call("HDEL", located, message)
  else redis.call("HSET", located, message, table.concat(left, "\\n")) end
end
`;
