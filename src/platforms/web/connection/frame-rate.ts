const windowMs = 1_000;

/** Counts frames in windows of one second. */
export class FrameRate {
  readonly #most: number;
  readonly #mostExcess: number;
  #startedAtMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  /** @param mostExcess beyond `most`, until `close`; a client that goes on has not read the warning. */
  constructor(most: number, mostExcess: number) {
    this.#most = most;
    this.#mostExcess = mostExcess;
  }

  take(nowMs: number): "pass" | "excess" | "close" {
    if (nowMs - this.#startedAtMs >= windowMs) {
      this.#startedAtMs = nowMs;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count <= this.#most) return "pass";
    return this.#count > this.#most + this.#mostExcess ? "close" : "excess";
  }
}
