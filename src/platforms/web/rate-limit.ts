const windowMs = 1_000;
const mostFrames = 20;
/** After the warning; a client that goes on has not read it. */
const mostExcess = 10;

/** Counts the frames of one socket: over twenty in a second it is warned, and when it goes on, cut off. */
export class RateLimit {
  #startedAtMs = 0;
  #count = 0;

  /** `warn` comes once a second, for the first frame too many. */
  take(nowMs: number): "pass" | "warn" | "drop" | "close" {
    if (nowMs - this.#startedAtMs >= windowMs) {
      this.#startedAtMs = nowMs;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count <= mostFrames) return "pass";
    if (this.#count === mostFrames + 1) return "warn";
    return this.#count > mostFrames + mostExcess ? "close" : "drop";
  }
}
