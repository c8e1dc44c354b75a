import { maxAtOnce, maxWaiting, maxWaitingBytes } from "./text/limits.ts";

interface Waiting {
  readonly sizeBytes: number;
  readonly start: () => void;
}

/** Lets few files be read at once. The others wait in order, up to a number and a size. */
export class ReadingPlaces {
  readonly #waiting = new Set<Waiting>();
  #waitingBytes = 0;
  #taken = 0;

  /** A place, to be disposed. Undefined: too many wait. @throws the signal's reason. */
  async take(sizeBytes: number, signal: AbortSignal): Promise<Disposable | undefined> {
    signal.throwIfAborted();
    if (this.#taken < maxAtOnce) this.#taken += 1;
    else if (this.#waiting.size >= maxWaiting || this.#waitingBytes + sizeBytes > maxWaitingBytes) return;
    else await this.#wait(sizeBytes, signal);
    return { [Symbol.dispose]: () => this.#give() };
  }

  async #wait(sizeBytes: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const entry: Waiting = { sizeBytes, start: resolve };
    const leave = (): void => {
      if (this.#remove(entry)) reject(signal.reason);
    };
    this.#waiting.add(entry);
    this.#waitingBytes += sizeBytes;
    signal.addEventListener("abort", leave, { once: true });
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  /** The next one gets the place. */
  #give(): void {
    const next = this.#waiting.values().next().value;
    if (next === undefined) {
      this.#taken -= 1;
      return;
    }
    this.#remove(next);
    next.start();
  }

  #remove(entry: Waiting): boolean {
    if (!this.#waiting.delete(entry)) return false;
    this.#waitingBytes -= entry.sizeBytes;
    return true;
  }
}
