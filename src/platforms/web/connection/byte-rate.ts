/** A leaky bucket of bytes. Arrived bytes always count; above the burst, reading pauses for a while. */
export class ByteRate {
  readonly #perSecond: number;
  readonly #burst: number;
  #level = 0;
  #atMs = 0;

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** Adds arrived bytes. Returns how long (ms) to pause reading. */
  add(bytes: number, nowMs: number): number {
    const leakedBytes = ((nowMs - this.#atMs) / 1_000) * this.#perSecond;
    this.#level = Math.max(0, this.#level - leakedBytes) + bytes;
    this.#atMs = nowMs;
    return Math.max(0, ((this.#level - this.#burst) / this.#perSecond) * 1_000);
  }
}
