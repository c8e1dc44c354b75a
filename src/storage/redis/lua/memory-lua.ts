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

local function isBase(memory, from)
  local base = ARGV[from]
  return base == "" or redis.call("GETRANGE", memory, 0, #base - 1) == base
end

local function writeMemory(memory, pages, pageKey, from)
  local base, head, goneCount = ARGV[from], ARGV[from + 1], tonumber(ARGV[from + 2])
  if base == "" then removeMemory(memory, pages, pageKey) end
  for at = from + 3, from + 2 + goneCount do
    redis.call("DEL", pageKey .. ARGV[at])
    redis.call("SREM", pages, ARGV[at])
  end
  for at = from + 3 + goneCount, #ARGV, 2 do
    redis.call("SET", pageKey .. ARGV[at], ARGV[at + 1])
    redis.call("SADD", pages, ARGV[at])
  end
  redis.call("SET", memory, head)
end
`;

/** The last values of a script that calls `writeMemory`. */
export function memoryValues({ base, head, gone, added }: MemoryWrite): readonly string[] {
  return [base, head, String(gone.length), ...gone, ...added.flatMap(({ id, bytes }) => [id, bytes])];
}
