import { strings } from "./replies.ts";
import type { Redis } from "./redis.ts";

const freshForMs = 30_000;

/**
 * What the server's clock says. A frozen server still does, when it wakes up, what it was sent before: a script that
 * must not happen after its caller has given up compares this with the server's own time.
 */
export class ServerTime {
  readonly #redis: Redis;
  /** The server's clock less our monotonic one, which nobody puts forward or back. */
  #aheadMs = 0;
  #readAtMs = Number.NEGATIVE_INFINITY;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Too early by at most the way of one answer. @throws {StoreError} */
  async nowMs(signal: AbortSignal): Promise<number> {
    if (performance.now() - this.#readAtMs > freshForMs) await this.#read(signal);
    return performance.now() + this.#aheadMs;
  }

  /** The server's clock was put forward, or back: read it anew. */
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
