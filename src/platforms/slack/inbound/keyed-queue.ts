/** Does the work of one lane in the order in which it came; lanes run side by side. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<unknown>>();

  get isIdle(): boolean {
    return this.#tails.size === 0;
  }

  async run<T>(lane: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(lane);
    const result = before === undefined ? work() : before.then(work);
    // A tail never rejects: what failed must not fail what comes behind it.
    const tail = result.then(
      () => undefined,
      () => undefined,
    );
    this.#tails.set(lane, tail);
    try {
      return await result;
    } finally {
      if (this.#tails.get(lane) === tail) this.#tails.delete(lane);
    }
  }

  /** Resolves when nothing is under way. Never rejects. */
  async settled(): Promise<void> {
    while (!this.isIdle) await Promise.all(this.#tails.values());
  }
}
