import { z } from "zod";

import { isConversationKey } from "../../domain/conversation.ts";
import type { InboundFormat } from "../../ports/inbound-format.ts";
import { keys, prefix } from "./commands/keys.ts";
import { RedisError } from "./connection/redis-error.ts";
import { strings } from "./commands/replies.ts";
import { script, type Redis } from "./commands/redis.ts";
import { forEachKey } from "./for-each-key.ts";
import { upgradeEntries } from "./upgrade-entries.ts";

const letterScanCount = 50;
/** As Keyv's adapter writes the keys. */
const memoryKeyPrefix = `${prefix}:memory:`;
const quarantinedKeyPrefix = `${prefix}:set-aside:`;

const memoryEnvelope = z.object({ value: z.object({ speakers: z.array(z.object({ id: z.string() })) }) });

const aboutLetter = z.object({ conversation: z.string() });

/**
 * Marks a conversation as not synced and adds its authors, unless this version wrote it. ARGV: conversation, prefix,
 * authors.
 */
const noteScript = script(`
local known = redis.call("HMGET", KEYS[1], "platform", "lastAtMs", "revision")
if not known[1] or known[3] then return end
redis.call("ZADD", KEYS[2], "NX", known[2] or 0, ARGV[1])
for i = 3, #ARGV do
  redis.call("ZADD", KEYS[3], "NX", 0, ARGV[i])
  redis.call("ZADD", ARGV[2] .. "written:" .. known[1] .. ":" .. ARGV[i], "NX", known[2] or 0, ARGV[1])
end
`);

/** ARGV: reference, one line of JSON. */
const moveScript = script(`
local record = redis.call("GET", KEYS[1])
if record then redis.call("HSET", KEYS[2], ARGV[1], ARGV[2] .. "\\n" .. record) end
redis.call("DEL", KEYS[1])
`);

/**
 * Until format 3 the format was a string, which older versions overwrite. They can't read a hash, and end at start.
 */
const readFormatScript = script(`
local found = redis.pcall("HGET", KEYS[1], "number")
if type(found) == "table" and found.err then return redis.call("GET", KEYS[1]) end
return found
`);

/** ARGV: the number. */
const writeFormatScript = script(`
redis.call("DEL", KEYS[1])
redis.call("HSET", KEYS[1], "number", ARGV[1])
`);

type Step = (redis: Redis, signal: AbortSignal, inbounds: InboundFormat) => Promise<void>;

/**
 * What older data need, beyond being read. Each step leads to the format after its own place in the list; none is
 * changed once it was released.
 */
const steps: readonly Step[] = [
  async () => undefined,
  async (redis, signal) => {
    // Memories from before the archive become pending syncs, and their authors are listed.
    await forEachKey(redis, memoryKeyPrefix, (key) => upgradeMemory(redis, key, signal), signal);
    await forEachKey(redis, quarantinedKeyPrefix, (key) => moveQuarantined(redis, key, signal), signal);
  },
  async (redis, signal) => {
    // The archive stores more of each conversation since format 3, so all are synced again.
    await forEachKey(redis, memoryKeyPrefix, (key) => markPending(redis, key, signal), signal);
    for (const hash of [keys.deadLetters, keys.quarantine]) await indexLetters(redis, hash, signal);
  },
  async (redis, signal, inbounds) => {
    // Format 4 is not released yet: add what it needs here.
    await upgradeEntries(redis, inbounds, signal);
    // Until then BullMQ ran turns. What its queue says is in the inboxes too.
    const remove = async (key: string): Promise<void> => void (await redis.send(["DEL", key], signal));
    await forEachKey(redis, `${prefix}turns:`, remove, signal);
    // Records didn't say that their conversation is postponed. It is tried again at once.
    await remove(keys.postponed);
  },
];

/**
 * Upgrades a Redis once. Any number of replicas may run it at once. @throws {StoreError}; {RedisError} for data of a
 * newer version.
 */
export async function upgrade(redis: Redis, inbounds: InboundFormat, signal: AbortSignal): Promise<void> {
  const found = Number((await redis.run(readFormatScript, [keys.format], [], signal)) ?? 0);
  if (found === steps.length) return;
  if (!(found < steps.length)) {
    throw new RedisError(
      `REDIS_URL: a newer Threadkeeper wrote the data in this Redis (format ${found}, this version knows ${steps.length}). Start that version again, restore a backup from before its first start, or give another Redis.`,
    );
  }
  for (const step of steps.slice(found)) await step(redis, signal, inbounds);
  await redis.run(writeFormatScript, [keys.format], [steps.length], signal);
}

/** Adds each record to the set of its conversation. */
async function indexLetters(redis: Redis, hash: string, signal: AbortSignal): Promise<void> {
  let cursor = "0";
  do {
    const reply = await redis.send(["HSCAN", hash, cursor, "COUNT", letterScanCount], signal);
    const [next = "0", found] = Array.isArray(reply) ? reply : [];
    const fields = strings(found);
    for (let at = 0; at + 1 < fields.length; at += 2) {
      const conversation = conversationOf(fields[at + 1] ?? "");
      if (conversation !== undefined)
        await redis.send(["SADD", `${hash}:${conversation}`, fields[at] ?? ""], signal);
    }
    cursor = String(next);
  } while (cursor !== "0");
}

/** The conversation of a stored record. */
function conversationOf(letter: string): string | undefined {
  try {
    return aboutLetter.parse(JSON.parse(letter.split("\n", 1)[0] ?? "")).conversation;
  } catch {
    return undefined;
  }
}

async function upgradeMemory(redis: Redis, key: string, signal: AbortSignal): Promise<void> {
  const conversation = key.slice(memoryKeyPrefix.length);
  if (!isConversationKey(conversation)) return;
  const authors = speakersIn(await redis.send(["GET", key], signal));
  const names = [keys.conversation(conversation), keys.pendingSyncs, keys.authors(conversation)];
  await redis.run(noteScript, names, [conversation, prefix, ...authors], signal);
}

async function markPending(redis: Redis, key: string, signal: AbortSignal): Promise<void> {
  const conversation = key.slice(memoryKeyPrefix.length);
  if (!isConversationKey(conversation)) return;
  const isSynced = await redis.send(["HEXISTS", keys.conversation(conversation), "revision"], signal);
  if (isSynced === 1) await redis.send(["ZADD", keys.pendingSyncs, "NX", Date.now(), conversation], signal);
}

/** Empty if it can't be read. */
function speakersIn(bytes: unknown): readonly string[] {
  try {
    return memoryEnvelope.parse(JSON.parse(String(bytes))).value.speakers.map(({ id }) => id);
  } catch {
    return [];
  }
}

/** The record itself holds the reference that it was quarantined under. */
async function moveQuarantined(redis: Redis, key: string, signal: AbortSignal): Promise<void> {
  const conversation = key.slice(quarantinedKeyPrefix.length);
  const about = JSON.stringify({ conversation, atMs: Date.now() });
  await redis.run(moveScript, [key, keys.quarantine], [key, about], signal);
}
