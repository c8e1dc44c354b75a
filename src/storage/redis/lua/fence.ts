import type { Lease } from "../../../domain/turn.ts";

/**
 * The fence, in Lua. KEYS[1]: the conversation. ARGV[1]: the writer's lease. If another process has claimed the
 * conversation since, the script does nothing. The lease's name is compared too, because a Redis that lost its last
 * second assigns an epoch twice.
 */
export const fenceLua = fenceLuaReading();

/** The same, and reads more fields of the conversation's record in the same command: they begin at `held[3]`. */
export function fenceLuaReading(...fields: readonly string[]): string {
  return `
local held = redis.call("HMGET", KEYS[1], ${["epoch", "lease", ...fields].map((field) => JSON.stringify(field)).join(", ")})
if (held[1] or "") .. " " .. (held[2] or "") ~= ARGV[1] then return "stale" end
`;
}

/** A lease in the form the fence compares. */
export function fenceValueOf({ epoch, name }: Lease): string {
  return `${epoch} ${name}`;
}
