const windowMs = 60_000;
/** Wrong tokens per minute: of one caller, and of the networks around it. */
const maxWrong = [10, 40, 160];
/** Further callers share one count, which bounds memory. */
const maxCounted = 10_000;
const allOthers = "others";

/** Counts wrong tokens per caller and minute, so that guessing is slow and locks no one else out. */
export class SignInLimit {
  readonly #wrongBy = new Map<string, number>();
  #startedAtMs = 0;

  /** `callers`: the caller and the networks around it, smallest first. */
  isOver(callers: readonly string[], nowMs: number): boolean {
    if (nowMs - this.#startedAtMs >= windowMs) {
      this.#wrongBy.clear();
      this.#startedAtMs = nowMs;
    }
    return callers.some(
      (caller, index) => (this.#wrongBy.get(this.#keyOf(caller)) ?? 0) >= (maxWrong[index] ?? Infinity),
    );
  }

  countWrong(callers: readonly string[]): void {
    // Largest network first: it matters most when the table is full.
    for (const caller of callers.toReversed()) {
      const key = this.#keyOf(caller);
      this.#wrongBy.set(key, (this.#wrongBy.get(key) ?? 0) + 1);
    }
  }

  #keyOf(caller: string): string {
    return this.#wrongBy.has(caller) || this.#wrongBy.size < maxCounted ? caller : allOthers;
  }
}
