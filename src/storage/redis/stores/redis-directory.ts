import { conversationKey, type ConversationKey, type DirectoryEntry } from "../../../domain/conversation.ts";
import type { MessageId } from "../../../domain/message.ts";
import { quotedId } from "../../../domain/quoted.ts";
import type { ActiveConversation, Directory } from "../../../ports/directory.ts";
import { keys, prefix } from "../commands/keys.ts";
import { listedSpanMs } from "../lua/listed-span.ts";
import { strings } from "../commands/replies.ts";
import { script, type Redis } from "../commands/redis.ts";

const maxActive = 10_000;

/**
 * KEYS[1]: a sorted set of conversations. ARGV: prefix of the conversation keys, lowest score, limit, and how far scores may
 * lie behind. Returns the keys that may be among the first, each with three fields of its record.
 */
const listScript = (first: string, second: string, third: string) =>
  script(`
local found = redis.call("ZRANGE", KEYS[1], "+inf", ARGV[2], "BYSCORE", "REV", "LIMIT", 0, ARGV[3])
if #found == tonumber(ARGV[3]) and ARGV[4] ~= "0" then
  local last = redis.call("ZSCORE", KEYS[1], found[#found]) - ARGV[4]
  found = redis.call("ZRANGE", KEYS[1], "+inf", string.format("%.17g", last), "BYSCORE", "REV")
end
local reply = {}
for _, conversation in ipairs(found) do
  local fields = redis.call("HMGET", ARGV[1] .. conversation, "${first}", "${second}", "${third}")
  for _, value in ipairs({conversation, fields[1] or "", fields[2] or "", fields[3] or ""}) do
    reply[#reply + 1] = value
  end
end
return reply
`);
const listed = listScript("place", "title", "lastAtMs");
const active = listScript("place", "lastMessage", "lastAtMs");

const rename = script(`
if redis.call("HEXISTS", KEYS[1], "platform") == 1 then
  redis.call("HSET", KEYS[1], "title", ARGV[1], "isNamed", "1")
  -- So that the archive gets the new title.
  local time = redis.call("TIME")
  redis.call("ZADD", KEYS[2], "NX", math.floor(time[1] * 1000 + time[2] / 1000), ARGV[2])
end
`);

/** The directory in Redis. The scripts of accept and finish update it. */
export class RedisDirectory implements Directory {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  readonly locate = async (
    platform: string,
    place: string,
    message: MessageId,
    signal: AbortSignal,
  ): Promise<ConversationKey | undefined> => {
    const found = await this.#redis.send(["HGET", keys.located(platform, place), message], signal);
    return typeof found === "string" ? conversationKey(found) : undefined;
  };

  readonly quoting: Directory["quoting"] = async (platform, place, message, signal) => {
    const found = await this.#redis.send(["HGET", keys.located(platform, place), quotedId(message)], signal);
    return typeof found === "string" ? found.split("\n").map(conversationKey) : [];
  };

  readonly recent = async (
    platform: string,
    place: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly DirectoryEntry[]> => {
    const values = [`${prefix}conversation:`, "-inf", limit, listedSpanMs];
    const reply = await this.#redis.run(listed, [keys.listed(platform, place)], values, signal);
    return entriesIn(reply, platform)
      .toSorted((one, other) => other.lastAtMs - one.lastAtMs)
      .slice(0, limit);
  };

  readonly all = this.recent;

  readonly entry: Directory["entry"] = async (conversation, signal) => {
    const fields = ["platform", "place", "title", "lastAtMs"];
    const found = await this.#redis.send(["HMGET", keys.conversation(conversation), ...fields], signal);
    const [platform, place, title, lastAtMs]: unknown[] = Array.isArray(found) ? found : [];
    if (typeof platform !== "string" || typeof place !== "string") return undefined;
    const known = { conversation, platform, place, lastAtMs: Number(lastAtMs ?? 0) };
    return { ...known, title: typeof title === "string" ? title : "" };
  };

  readonly ofAuthor: Directory["ofAuthor"] = (platform, author, limit, signal) =>
    this.#writtenBy(platform, author, ["-inf", limit], signal);

  readonly writtenSince: Directory["writtenSince"] = (platform, author, { sinceMs, limit }, signal) =>
    this.#writtenBy(platform, author, [sinceMs, limit], signal);

  readonly active = async (
    platform: string,
    sinceMs: number,
    signal: AbortSignal,
  ): Promise<readonly ActiveConversation[]> => {
    const values = [`${prefix}conversation:`, sinceMs - listedSpanMs, maxActive, 0];
    const rows = rowsOfFour(await this.#redis.run(active, [keys.active(platform)], values, signal))
      .filter(([, , , lastAtMs]) => Number(lastAtMs) >= sinceMs)
      .toSorted(([, , , one], [, , , other]) => Number(other) - Number(one));
    return rows.map(([key, place, lastMessage]) => {
      const known = { conversation: conversationKey(key), place };
      return lastMessage === "" ? known : Object.assign(known, { lastMessage });
    });
  };

  readonly rename = async (
    conversation: ConversationKey,
    title: string,
    signal: AbortSignal,
  ): Promise<void> => {
    await this.#redis.run(
      rename,
      [keys.conversation(conversation), keys.pendingSyncs],
      [title, conversation],
      signal,
    );
  };

  async #writtenBy(
    platform: string,
    author: string,
    range: readonly [lowest: number | "-inf", limit: number],
    signal: AbortSignal,
  ): Promise<readonly DirectoryEntry[]> {
    const values = [`${prefix}conversation:`, ...range, 0];
    const reply = await this.#redis.run(listed, [keys.written(platform, author)], values, signal);
    return entriesIn(reply, platform);
  }
}

function entriesIn(reply: unknown, platform: string): readonly DirectoryEntry[] {
  return rowsOfFour(reply).map(([conversation, place, title, lastAtMs]) => ({
    conversation: conversationKey(conversation),
    platform,
    place,
    title,
    lastAtMs: Number(lastAtMs),
  }));
}

type Row = readonly [string, string, string, string];

function rowsOfFour(reply: unknown): readonly Row[] {
  const values = strings(reply);
  return Array.from({ length: values.length / 4 }, (_, index): Row => {
    const [first = "", second = "", third = "", fourth = ""] = values.slice(index * 4);
    return [first, second, third, fourth];
  });
}
