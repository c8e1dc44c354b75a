const windowMs = 1_000;

/** Limits the frames per second. */
export class FrameRate {
  readonly #max: number;
  readonly #maxExcess: number;
  #startedAtMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** `maxExcess`: frames beyond `max` until "close"; the client has ignored the warning. */
  constructor(max: number, maxExcess: number) {
    this.#max = max;
    this.#maxExcess = maxExcess;
  }

  count(nowMs: number): "pass" | "excess" | "close" {
    if (nowMs - this.#startedAtMs >= windowMs) {
      this.#startedAtMs = nowMs;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count <= this.#max) return "pass";
    return this.#count > this.#max + this.#maxExcess ? "close" : "excess";
  }
}
