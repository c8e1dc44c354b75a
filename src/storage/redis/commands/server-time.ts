import { strings } from "./replies.ts";
import type { Redis } from "./redis.ts";

const freshForMs = 30_000;

/**
 * The server's clock. A frozen server runs queued scripts when it wakes up. A script that must not run after its
 * caller gave up compares a deadline with this clock.
 */
export class ServerTime {
  readonly #redis: Redis;
  /** The server's clock minus our monotonic clock, which can't be set back. */
  #aheadMs = 0;
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Early by the reply's travel time at most. @throws {StoreError} */
  async nowMs(signal: AbortSignal): Promise<number> {
    if (performance.now() - this.#readAtMs > freshForMs) await this.#read(signal);
    return performance.now() + this.#aheadMs;
  }

  /** Reads the clock again at the next call, because the server's was set. */
  forget(): void {
    this.#readAtMs = Number.NEGATIVE_INFINITY;
  }

  async #read(signal: AbortSignal): Promise<void> {
    const askedAtMs = performance.now();
    const [seconds, micros] = strings(await this.#redis.send(["TIME"], signal));
    this.#aheadMs = Number(seconds) * 1_000 + Number(micros) / 1_000 - performance.now();
    this.#readAtMs = askedAtMs;
  }
}
