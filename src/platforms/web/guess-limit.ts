const windowMs = 60_000;
const mostWrong = 10;

/**
 * Counts wrong tokens per address: nobody tries many, and nobody who tries many keeps the others out.
 * Behind a proxy all callers share one address.
 */
export class GuessLimit {
  readonly #wrongBy = new Map<string, number>();
  #startedAtMs = 0;

  isOver(address: string, nowMs: number): boolean {
    if (nowMs - this.#startedAtMs >= windowMs) {
      this.#wrongBy.clear();
      this.#startedAtMs = nowMs;
    }
    return (this.#wrongBy.get(address) ?? 0) >= mostWrong;
  }

  countWrong(address: string): void {
    this.#wrongBy.set(address, (this.#wrongBy.get(address) ?? 0) + 1);
  }
}
