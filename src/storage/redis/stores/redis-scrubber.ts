import type { Log } from "../../../ports/log.ts";
import { StoreError } from "../../../ports/store-error.ts";
import { keys } from "../commands/keys.ts";
import type { Redis } from "../commands/redis.ts";

/** A rewrite costs by all that the server has, in a process of its own. */
const leastSecondsBetween = 60;

/**
 * Has Redis rewrite its files once something has gone: until then its log repeats every write. Redis does it beside
 * its work, from what it holds in memory. What goes within a minute of the last time waits for the next.
 */
export class RedisScrubber {
  readonly #redis: Redis;
  readonly #log: Log;
  #isRefused = false;

  constructor(redis: Redis, log: Log) {
    this.#redis = redis;
    this.#log = log;
  }

  /** @throws {StoreError} */
  readonly scrub = async (signal: AbortSignal): Promise<void> => {
    const files = await this.#filesOf(signal);
    const isToBeDone = files.hasFailed || (await this.#redis.send(["GET", keys.erased], signal)) !== null;
    // One that runs may have begun before.
    if (!isToBeDone || files.isBusy) return;
    const turn = ["SET", keys.rewritten, "1", "NX", "EX", leastSecondsBetween];
    if ((await this.#redis.send(turn, signal)) === null) return;
    // Before it begins: what goes from now on is for the next one.
    await this.#redis.send(["DEL", keys.erased], signal);
    if (files.hasLog) await this.#order(["BGREWRITEAOF"], signal);
    if (files.hasSnapshots) await this.#order(["BGSAVE", "SCHEDULE"], signal);
  };

  /** What the server may not be asked is as if it were not there. */
  async #filesOf(signal: AbortSignal) {
    const info = String(await this.#redis.send(["INFO", "persistence"], signal).catch(() => ""));
    const save = await this.#redis.send(["CONFIG", "GET", "save"], signal).catch(() => []);
    signal.throwIfAborted();
    const hasLog = info.includes("aof_enabled:1");
    return {
      hasLog,
      hasSnapshots: Array.isArray(save) && String(save[1] ?? "") !== "",
      isBusy: /aof_rewrite_in_progress:1|aof_rewrite_scheduled:1/u.test(info),
      hasFailed: hasLog && info.includes("aof_last_bgrewrite_status:err"),
    };
  }

  async #order(command: readonly string[], signal: AbortSignal): Promise<void> {
    try {
      await this.#redis.send(command, signal);
      this.#isRefused = false;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      await this.#redis.send(["SET", keys.erased, "1"], signal);
      const facts = { err: error, command: command[0] };
      const text =
        "Redis does not rewrite its files: what was deleted stays in them until it does so by itself";
      if (!this.#isRefused) this.#log.warn(facts, text);
      this.#isRefused = true;
    }
  }
}
