import type { Lease } from "../../../domain/turn.ts";

/**
 * The fence, in Lua: KEYS[1] is the conversation, ARGV[1] the lease of the writer. Another process has taken the
 * conversation over when they differ, and then a script does nothing. The name is compared too: a Redis that lost its
 * last second gives an epoch twice.
 */
export const fenceLua = `
local held = redis.call("HMGET", KEYS[1], "epoch", "lease")
if (held[1] or "") .. " " .. (held[2] or "") ~= ARGV[1] then return "stale" end
`;

/** A lease as the fence compares it. */
export function fenceValueOf({ epoch, name }: Lease): string {
  return `${epoch} ${name}`;
}
