/** A leaky bucket of bytes. What arrives always fits; who has sent too much is read no further for a while. */
export class ByteRate {
  readonly #perSecond: number;
  readonly #burst: number;
  #level = 0;
  #atMs = 0;

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  /** Takes what has arrived, and says how long to read no further. */
  add(bytes: number, nowMs: number): number {
    const leakedBytes = ((nowMs - this.#atMs) / 1_000) * this.#perSecond;
    this.#level = Math.max(0, this.#level - leakedBytes) + bytes;
    this.#atMs = nowMs;
    return Math.max(0, ((this.#level - this.#burst) / this.#perSecond) * 1_000);
  }
}
