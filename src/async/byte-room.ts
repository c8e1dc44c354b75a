interface Waiting {
  readonly bytes: number;
  readonly enter: () => void;
}

/** Bounds the bytes that are in memory at once. Work that needs more than is left waits, in order. */
export class ByteRoom {
  readonly #total: number;
  readonly #waiting = new Set<Waiting>();
  #left: number;

  constructor(totalBytes: number) {
    this.#total = totalBytes;
    this.#left = totalBytes;
  }

  /** Room for so many bytes, to be disposed; for more than the total: all of it. @throws the signal's reason. */
  async take(wanted: number, signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    const bytes = Math.min(wanted, this.#total);
    if (this.#waiting.size === 0 && bytes <= this.#left) this.#left -= bytes;
    else await this.#wait(bytes, signal);
    return { [Symbol.dispose]: () => this.#give(bytes) };
  }

  async #wait(bytes: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const entry: Waiting = { bytes, enter: resolve };
    const leave = (): void => {
      if (!this.#waiting.delete(entry)) return;
      reject(signal.reason);
      // A smaller one may have waited after it.
      this.#give(0);
    };
    this.#waiting.add(entry);
    signal.addEventListener("abort", leave, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  #give(bytes: number): void {
    this.#left += bytes;
    for (const entry of this.#waiting) {
      if (entry.bytes > this.#left) return;
      this.#waiting.delete(entry);
      this.#left -= entry.bytes;
      entry.enter();
    }
  }
}
