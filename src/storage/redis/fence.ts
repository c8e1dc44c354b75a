/**
 * The fence, in Lua: KEYS[1] is the conversation, ARGV[1] the epoch of whoever writes. Somebody else has taken the
 * conversation over when they differ, and then a script does nothing.
 */
export const fence = `
if redis.call("HGET", KEYS[1], "epoch") ~= ARGV[1] then return "stale" end
`;
