const windowMs = 1_000;

/** Counts frames in windows of one second. */
export class FrameRate {
  readonly #max: number;
  readonly #maxExcess: number;
  #startedAtMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** @param maxExcess beyond `max`, until `close`; a client that goes on has not read the warning. */
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
