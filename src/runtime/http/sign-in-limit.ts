const windowMs = 60_000;
/** Of one caller, and of the larger networks that it is in: who has many addresses is no crowd. */
const mostWrong = [10, 40, 160];
/** Beyond these, callers share one count: memory stays bounded whatever addresses they have. */
const mostCounted = 10_000;
const allOthers = "others";

/** Counts wrong tokens per caller and minute: nobody tries many, and one who tries many keeps nobody else out. */
export class SignInLimit {
  readonly #wrongBy = new Map<string, number>();
  #startedAtMs = 0;

  /** `callers`: the caller, and the networks around it, from the smallest on. */
  isOver(callers: readonly string[], nowMs: number): boolean {
    if (nowMs - this.#startedAtMs >= windowMs) {
      this.#wrongBy.clear();
      this.#startedAtMs = nowMs;
    }
    return callers.some(
      (caller, index) => (this.#wrongBy.get(this.#keyOf(caller)) ?? 0) >= (mostWrong[index] ?? Infinity),
    );
  }

  countWrong(callers: readonly string[]): void {
    // The largest first: where room is short, that is the one to count.
    for (const caller of callers.toReversed()) {
      const key = this.#keyOf(caller);
      this.#wrongBy.set(key, (this.#wrongBy.get(key) ?? 0) + 1);
    }
  }

  #keyOf(caller: string): string {
    return this.#wrongBy.has(caller) || this.#wrongBy.size < mostCounted ? caller : allOthers;
  }
}
