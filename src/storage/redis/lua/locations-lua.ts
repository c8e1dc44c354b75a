/**
 * Where messages are, in Lua. One that is quoted may be in several conversations: their keys stand in lines. `addQuoted`
 * adds one, `dropLocated` takes one out, whatever the message.
 */
export const locationsLua = `
local function addQuoted(located, message, conversation)
  local known = redis.call("HGET", located, message)
  for each in string.gmatch(known or "", "[^\\n]+") do
    if each == conversation then return end
  end
  redis.call("HSET", located, message, known and (known .. "\\n" .. conversation) or conversation)
end

local function dropLocated(located, message, conversation)
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
