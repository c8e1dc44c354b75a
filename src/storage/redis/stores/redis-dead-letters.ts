import { z } from "zod";

import { conversationKey, backgroundInboxOf } from "../../../domain/conversation.ts";
import type { DeadLetter, DeadLetters } from "../../../ports/dead-letters.ts";
import type { InboundFormat } from "../../../ports/inbound-format.ts";
import type { Log } from "../../../ports/log.ts";
import { randomIds } from "../../../runtime/ids.ts";
import { inboundReader, type ReadInbound } from "../../records/inbound-schema.ts";
import { connectRedis } from "../connection/connect-redis.ts";
import { memberLua, readMemberText } from "../lua/inbox-member.ts";
import { keys, prefix } from "../commands/keys.ts";
import { recordIndexLua } from "../lua/record-index-lua.ts";
import { strings } from "../commands/replies.ts";
import { Redis, script } from "../commands/redis.ts";

const about = z.object({ conversation: z.string(), why: z.string(), atMs: z.number() });

const waitMs = 5_000;

/** ARGV: reference, conversation, now, prefix, prefix of new entry names. */
const retry = script(`${recordIndexLua}${memberLua}
local letter = redis.call("HGET", KEYS[1], ARGV[1])
if not letter then return 0 end
removeRecord(KEYS[1], ARGV[2], ARGV[1])
local isFirstLine = true
for line in string.gmatch(letter, "[^\\n]+") do
  if not isFirstLine then
    local seq = string.format("%.0f", redis.call("INCR", ARGV[4] .. "seq"))
    redis.call("ZADD", KEYS[2], seq, seq .. " " .. ARGV[3] .. " " .. rename(line, ARGV[5] .. "-" .. seq))
    redis.call("ZADD", KEYS[3], "NX", seq, ARGV[2])
  end
  isFirstLine = false
end
return 1
`);

/** ARGV: reference. */
const drop = script(`${recordIndexLua}
local letter = redis.call("HGET", KEYS[1], ARGV[1])
if not letter then return 0 end
local isReadable, about = pcall(cjson.decode, string.match(letter, "^[^\\n]*"))
redis.call("SET", KEYS[2], "1")
return removeRecord(KEYS[1], isReadable and about.conversation or "", ARGV[1])
`);

/** ARGV: cutoff (ms), then the conversation and the one for its delegated commands. */
const dropOf = script(`${recordIndexLua}
for index = 2, #ARGV do
  for reference, letter in pairs(recordsOf(KEYS[1], ARGV[index])) do
    local isReadable, about = pcall(cjson.decode, string.match(letter, "^[^\\n]*"))
    if not isReadable or tonumber(about.atMs) <= tonumber(ARGV[1]) then
      removeRecord(KEYS[1], ARGV[index], reference)
      redis.call("SET", KEYS[2], "1")
    end
  end
end
`);

/** The dead letters in Redis. */
export class RedisDeadLetters implements DeadLetters {
  readonly #redis: Redis;
  readonly #readInbound: ReadInbound;

  constructor(redis: Redis, inbounds: InboundFormat) {
    this.#redis = redis;
    this.#readInbound = inboundReader(inbounds);
  }

  readonly list = async (signal: AbortSignal): Promise<readonly DeadLetter[]> => {
    const fields = strings(await this.#redis.send(["HGETALL", keys.deadLetters], signal));
    const letters: DeadLetter[] = [];
    for (let index = 0; index < fields.length; index += 2) {
      letters.push(read(fields[index] ?? "", fields[index + 1] ?? "", this.#readInbound));
    }
    return letters.toSorted((one, other) => one.atMs - other.atMs);
  };

  readonly retry = async (reference: string, nowMs: number, signal: AbortSignal): Promise<boolean> => {
    const letter = await this.#redis.send(["HGET", keys.deadLetters, reference], signal);
    if (typeof letter !== "string") return false;
    const { conversation } = read(reference, letter, this.#readInbound);
    const names = [keys.deadLetters, keys.inbox(conversation), keys.waiting];
    const values = [reference, conversation, nowMs, prefix, randomIds.name()];
    return (await this.#redis.run(retry, names, values, signal)) === 1;
  };

  readonly drop = async (reference: string, signal: AbortSignal): Promise<boolean> =>
    (await this.#redis.run(drop, [keys.deadLetters, keys.erased], [reference], signal)) === 1;

  readonly dropConversation: DeadLetters["dropConversation"] = async (conversation, untilMs, signal) => {
    const values = [untilMs, conversation, backgroundInboxOf(conversation)];
    await this.#redis.run(dropOf, [keys.deadLetters, keys.erased], values, signal);
  };
}

/** @throws {RedisError} that says what to do. */
export async function openRedisDeadLetters(
  url: string,
  inbounds: InboundFormat,
  log: Log,
): Promise<{ readonly deadLetters: DeadLetters } & AsyncDisposable> {
  const { link } = await connectRedis(url, waitMs, log);
  const redis = new Redis(link);
  await redis.learnFlags(new AbortController().signal);
  return {
    deadLetters: new RedisDeadLetters(redis, inbounds),
    [Symbol.asyncDispose]: async () => link.close(),
  };
}

function read(reference: string, letter: string, readInbound: ReadInbound): DeadLetter {
  const [first = "", ...entries] = letter.split("\n");
  const { conversation, why, atMs } = about.parse(JSON.parse(first));
  const inbounds = entries.flatMap((entry) => readMemberText(entry, readInbound) ?? []);
  return { reference, conversation: conversationKey(conversation), why, atMs, inbounds };
}
