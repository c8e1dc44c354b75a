/** Runs the work of one key in order; different keys run at the same time. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<unknown>>();

  get isIdle(): boolean {
    return this.#tails.size === 0;
  }

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const result = before === undefined ? work() : before.then(work);
    // A tail never rejects: failed work must not fail the next one.
    const tail = result.then(
      () => undefined,
      () => undefined,
    );
    this.#tails.set(key, tail);
    try {
      return await result;
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }

  /** Resolves when the work queued so far under the key is done. Never rejects. */
  async idle(key: string): Promise<void> {
    await this.#tails.get(key);
  }

  /** Resolves when no work is left. Never rejects. */
  async settled(): Promise<void> {
    while (!this.isIdle) await Promise.all(this.#tails.values());
  }
}
