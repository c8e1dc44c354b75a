import type { PreferenceChange, PreferenceStore } from "../../../ports/preferences.ts";
import type { Preferences } from "../../../domain/preferences.ts";
import { preferencesIn } from "../../records/preference-record.ts";
import { keys } from "../commands/keys.ts";
import { script, type Redis } from "../commands/redis.ts";

/** ARGV: cutoff (ms). */
const drop = script(`
local atMs = redis.call("HGET", KEYS[1], "atMs")
if not atMs or tonumber(atMs) >= tonumber(ARGV[1]) then return end
redis.call("DEL", KEYS[1])
redis.call("SET", KEYS[2], "1")
`);

/** How people want to be answered, in Redis, shared by all replicas. */
export class RedisPreferences implements PreferenceStore {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  readonly find = async (platform: string, person: string, signal: AbortSignal): Promise<Preferences> => {
    const command = ["HMGET", keys.preferences(platform, person), "language", "length"];
    const reply: unknown = await this.#redis.send(command, signal);
    const [language, length]: readonly unknown[] = Array.isArray(reply) ? reply : [];
    return preferencesIn({ language, length });
  };

  readonly change = async (
    platform: string,
    person: string,
    { language, length, atMs }: PreferenceChange,
    signal: AbortSignal,
  ): Promise<void> => {
    const chosen = [
      ...(language === undefined ? [] : ["language", language]),
      ...(length === undefined ? [] : ["length", length]),
    ];
    const command = ["HSET", keys.preferences(platform, person), ...chosen, "atMs", Math.round(atMs)];
    await this.#redis.send(command, signal);
  };

  readonly drop = async (
    platform: string,
    person: string,
    beforeMs: number,
    signal: AbortSignal,
  ): Promise<void> => {
    await this.#redis.run(drop, [keys.preferences(platform, person), keys.erased], [beforeMs], signal);
  };
}
