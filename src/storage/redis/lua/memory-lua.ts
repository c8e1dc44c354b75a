import type { MemoryWrite } from "../../keyv/memory-pages.ts";

/**
 * A memory's head and pages, in Lua. `memory`: the key of the head. `pages`: the set of the ids of its pages. `pageKey`:
 * what the keys of its pages begin with. `isBase`: whether the stored head is the one that a write was made for.
 * `writeMemory`: stores what `memoryValues` gives, from ARGV[from] on.
 */
export const memoryLua = `
local function removeMemory(memory, pages, pageKey)
  for _, id in ipairs(redis.call("SMEMBERS", pages)) do redis.call("DEL", pageKey .. id) end
  redis.call("DEL", memory, pages)
end

-- Lua passes a few thousand values at most.
local function inParts(values, call)
  for from = 1, #values, 1000 do call(unpack(values, from, math.min(from + 999, #values))) end
end

local function isBase(memory, from)
  local base = ARGV[from]
  return base == "" or redis.call("GETRANGE", memory, 0, #base - 1) == base
end

local function writeMemory(memory, pages, pageKey, from)
  local base, head, goneCount = ARGV[from], ARGV[from + 1], tonumber(ARGV[from + 2])
  if base == "" then removeMemory(memory, pages, pageKey) end
  local gone, goneKeys, added, records = {}, {}, {}, {memory, head}
  for at = from + 3, from + 2 + goneCount do
    gone[#gone + 1], goneKeys[#goneKeys + 1] = ARGV[at], pageKey .. ARGV[at]
  end
  for at = from + 3 + goneCount, #ARGV, 2 do
    added[#added + 1] = ARGV[at]
    records[#records + 1], records[#records + 2] = pageKey .. ARGV[at], ARGV[at + 1]
  end
  inParts(goneKeys, function(...) redis.call("DEL", ...) end)
  inParts(gone, function(...) redis.call("SREM", pages, ...) end)
  inParts(added, function(...) redis.call("SADD", pages, ...) end)
  inParts(records, function(...) redis.call("MSET", ...) end)
end
`;

/** The last values of a script that calls `writeMemory`. */
export function memoryValues({ base, head, gone, added }: MemoryWrite): readonly string[] {
  return [base, head, String(gone.length), ...gone, ...added.flatMap(({ id, bytes }) => [id, bytes])];
}
