import type { InboundFormat } from "../../ports/inbound-format.ts";
import { inboundReader } from "../records/inbound-schema.ts";
import { keys, prefix } from "./commands/keys.ts";
import { script, type Redis } from "./commands/redis.ts";
import { strings } from "./commands/replies.ts";
import { memberText } from "./lua/inbox-member.ts";
import { forEachKey } from "./for-each-key.ts";

const scanCount = 50;
const inboxKeyPrefix = `${prefix}inbox:`;

/** ARGV: the conversation, then members of its inbox, each followed by what takes its place, or by nothing. */
const replaceMembers = script(`
for i = 2, #ARGV, 2 do
  local seq = redis.call("ZSCORE", KEYS[1], ARGV[i])
  if seq then
    redis.call("ZREM", KEYS[1], ARGV[i])
    if ARGV[i + 1] ~= "" then redis.call("ZADD", KEYS[1], seq, ARGV[i + 1]) end
  end
end
local first = redis.call("ZRANGE", KEYS[1], 0, 0, "WITHSCORES")[2]
if first then redis.call("ZADD", KEYS[2], first, ARGV[1]) else redis.call("ZREM", KEYS[2], ARGV[1]) end
`);

/** ARGV: reference, the dead letter, and what takes its place. */
const replaceLetter = script(`
if redis.call("HGET", KEYS[1], ARGV[1]) == ARGV[2] then redis.call("HSET", KEYS[1], ARGV[1], ARGV[3]) end
`);

/**
 * From format 3 to 4: puts what the scripts have to know of an entry beside its JSON, in inboxes and dead letters. Entries
 * of format 4 are left alone. Entries that only had synced edits dropped are no longer needed, and are removed. Any number of replicas may run it at once. @throws {StoreError}
 */
export async function upgradeEntries(
  redis: Redis,
  inbounds: InboundFormat,
  signal: AbortSignal,
): Promise<void> {
  const upgraded = entryUpgrader(inbounds);
  await forEachKey(redis, inboxKeyPrefix, (key) => upgradeInbox(redis, key, upgraded, signal), signal);
  let cursor = "0";
  do {
    const reply = await redis.send(["HSCAN", keys.deadLetters, cursor, "COUNT", scanCount], signal);
    const [next = "0", found] = Array.isArray(reply) ? reply : [];
    const fields = strings(found);
    for (let at = 0; at + 1 < fields.length; at += 2) {
      const [reference = "", letter = ""] = fields.slice(at, at + 2);
      const [about = "", ...entries] = letter.split("\n");
      const now = [about, ...entries.flatMap((entry) => upgraded(entry) ?? [])].join("\n");
      if (now !== letter)
        await redis.run(replaceLetter, [keys.deadLetters], [reference, letter, now], signal);
    }
    cursor = String(next);
  } while (cursor !== "0");
}

async function upgradeInbox(
  redis: Redis,
  key: string,
  upgraded: UpgradeEntry,
  signal: AbortSignal,
): Promise<void> {
  const conversation = key.slice(inboxKeyPrefix.length);
  // Each new member has the place of the old one.
  for (let first = 0; ;) {
    const members = strings(await redis.send(["ZRANGE", key, first, first + scanCount - 1], signal));
    const replaced = members.flatMap((member) => {
      const [beginning = ""] = /^\d+ \d+ /u.exec(member) ?? [];
      const entry = upgraded(member.slice(beginning.length));
      const now = entry === undefined ? "" : `${beginning}${entry}`;
      return now === member ? [] : [member, now];
    });
    if (replaced.length > 0)
      await redis.run(replaceMembers, [key, keys.waiting], [conversation, ...replaced], signal);
    if (members.length < scanCount) return;
    first += scanCount - replaced.filter((each) => each === "").length;
  }
}

/** Undefined: the entry is not needed any more. */
type UpgradeEntry = (entry: string) => string | undefined;

/** An entry of format 3 is JSON, whose first property is its name; one of format 2 has no name. */
function entryUpgrader({ fields, factsOf }: InboundFormat): UpgradeEntry {
  const readInbound = inboundReader({ fields, factsOf });
  const readFiled = inboundReader({ fields: { filed: {} }, factsOf });
  return (entry) => {
    if (!entry.startsWith("{")) return entry;
    const name = /^\{"entry":"([^"]+)",?/u.exec(entry);
    const record = name === null ? entry : `{${entry.slice(name[0].length)}`;
    if (readFiled(record) !== undefined) return undefined;
    const inbound = readInbound(record);
    return memberText(name?.[1], record, inbound && factsOf(inbound));
  };
}
