import type { Log } from "../../../ports/log.ts";
import { StoreError } from "../../../ports/store-error.ts";
import { keys } from "../commands/keys.ts";
import type { Redis } from "../commands/redis.ts";

/** A rewrite takes as long as the server has data, in the server's child process. */
const minSecondsBetween = 60;

/**
 * Makes Redis rewrite its files after deletions, because its log keeps every write until then. Redis does so in the
 * background, from memory. Deletions within a minute of a rewrite wait for the next one.
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
    const isNeeded = files.hasFailed || (await this.#redis.send(["GET", keys.erased], signal)) !== null;
    // A running rewrite may have begun before the deletion.
    if (!isNeeded || files.isBusy) return;
    const claim = ["SET", keys.rewritten, "1", "NX", "EX", minSecondsBetween];
    if ((await this.#redis.send(claim, signal)) === null) return;
    // Deleted first: data erased from now on needs another rewrite.
    await this.#redis.send(["DEL", keys.erased], signal);
    if (files.hasLog) await this.#startRewrite(["BGREWRITEAOF"], signal);
    if (files.hasSnapshots) await this.#startRewrite(["BGSAVE", "SCHEDULE"], signal);
  };

  /** Settings that the server doesn't reveal count as off. */
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

  async #startRewrite(command: readonly string[], signal: AbortSignal): Promise<void> {
    try {
      await this.#redis.send(command, signal);
      this.#isRefused = false;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      await this.#redis.send(["SET", keys.erased, "1"], signal);
      const facts = { err: error, command: command[0] };
      const text =
        "Redis refuses to rewrite its files, so deleted texts stay in them; grant the user BGREWRITEAOF and BGSAVE";
      if (!this.#isRefused) this.#log.warn(facts, text);
      this.#isRefused = true;
    }
  }
}
