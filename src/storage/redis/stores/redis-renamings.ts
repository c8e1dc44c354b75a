import { maxRenamings, type Renaming, type Renamings } from "../../../ports/renamings.ts";
import { keys } from "../commands/keys.ts";
import { strings } from "../commands/replies.ts";
import { script, type Redis } from "../commands/redis.ts";

const keep = script(`
local time = redis.call("TIME")
redis.call("ZADD", KEYS[1], "NX", time[1] * 1000000 + time[2], ARGV[1])
redis.call("ZREMRANGEBYRANK", KEYS[1], 0, -1 - ARGV[2])
`);

/** The renamings in Redis, shared by all replicas. */
export class RedisRenamings implements Renamings {
  readonly #redis: Redis;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  readonly add = async (
    platform: string,
    { before, after }: Renaming,
    signal: AbortSignal,
  ): Promise<void> => {
    await this.#redis.run(keep, [keys.renamings(platform)], [`${before} ${after}`, maxRenamings], signal);
  };

  readonly all = async (platform: string, signal: AbortSignal): Promise<readonly Renaming[]> => {
    const found = strings(await this.#redis.send(["ZRANGE", keys.renamings(platform), 0, -1], signal));
    return found.map((each) => {
      const [before = "", after = ""] = each.split(" ", 2);
      return { before, after };
    });
  };
}
