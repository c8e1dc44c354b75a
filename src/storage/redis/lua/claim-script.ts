import { emptyTtlS, keys } from "../commands/keys.ts";
import { strings } from "../commands/replies.ts";
import { script } from "../commands/redis.ts";
import { isAliveLua } from "./worker-lua.ts";

/**
 * A claim, and what the next turn starts from: waiting entries, and the head of the memory unless it begins as the one that
 * this process holds. Replies "busy" and changes nothing while another living process is recorded. ARGV: the lease's name, the
 * process, the beginning of the held head or nothing, how many entries.
 */
export const claimScript = script(`${isAliveLua}
local record, inbox, memory = KEYS[1], KEYS[2], KEYS[3]
local name, worker, held, count = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local fields = redis.call("HMGET", record, "isShared", "turn", "filed", "worker", "suspicion", "revision", "platform")
local before = fields[4]
if (before or "") ~= "" and before ~= worker and isAlive("${keys.workers}", before) then return "busy" end
local epoch = string.format("%.0f", redis.call("INCR", "${keys.epoch}"))
local entries = redis.call("ZRANGE", inbox, 0, count - 1)
if #entries == 0 then redis.call("HSET", record, "epoch", epoch, "lease", name)
else redis.call("HSET", record, "epoch", epoch, "lease", name, "worker", worker) end
if not fields[6] and not fields[7] then redis.call("EXPIRE", record, ${emptyTtlS}) end
-- Members begin with their seq.
local newest = #entries == tonumber(count) and redis.call("ZRANGE", inbox, -1, -1)[1] or entries[#entries]
local newestSeq = newest and string.match(newest, "^%d+") or "0"
local isHeld = held ~= "" and redis.call("GETRANGE", memory, 0, #held - 1) == held
local head = not isHeld and redis.call("GET", memory)
local isShared = not fields[6] and "1" or fields[1] or ""
return {epoch, isShared, fields[2] or "", fields[3] or "0", before or "", fields[5] or "", isHeld and "1" or "0", newestSeq, head, entries}
`);

/** What a claim read. `head`: null if there is none. */
export function readClaimReply(reply: unknown) {
  const [fields, [head, members]] = Array.isArray(reply) ? [reply.slice(0, 8), reply.slice(8)] : [[], []];
  return {
    fields: strings(fields),
    head: typeof head === "string" ? head : null,
    members: strings(members),
  };
}
