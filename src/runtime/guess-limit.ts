const windowMs = 60_000;
const mostWrong = 10;
/** Beyond these, callers share one count: memory stays bounded whatever addresses they have. */
const mostCounted = 10_000;
const allOthers = "others";

/** Counts wrong tokens per caller and minute: nobody tries many, and one who tries many keeps nobody else out. */
export class GuessLimit {
  readonly #wrongBy = new Map<string, number>();
  #startedAtMs = 0;

  isOver(caller: string, nowMs: number): boolean {
    if (nowMs - this.#startedAtMs >= windowMs) {
      this.#wrongBy.clear();
      this.#startedAtMs = nowMs;
    }
    return (this.#wrongBy.get(this.#keyOf(caller)) ?? 0) >= mostWrong;
  }

  countWrong(caller: string): void {
    const key = this.#keyOf(caller);
    this.#wrongBy.set(key, (this.#wrongBy.get(key) ?? 0) + 1);
  }

  #keyOf(caller: string): string {
    return this.#wrongBy.has(caller) || this.#wrongBy.size < mostCounted ? caller : allOthers;
  }
}
