import type { Clock } from "../ports/clock.ts";

/** At start many wake at once: the first to arrive is not to be the first to go. */
const gatherMs = 250;

interface Place {
  readonly alone: number;
  readonly go: () => void;
}

/** Lets one suspect at a time be at work in this process, the least suspected first. */
export class SuspectLine {
  readonly #clock: Clock;
  readonly #waiting = new Set<Place>();
  #isBusy = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when it is its turn; dispose what it gives when it is through. @throws the signal's reason. */
  async enter(alone: number, signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const place = { alone, go: resolve };
    const leave = (): void => {
      if (this.#waiting.delete(place)) reject(signal.reason);
    };
    this.#waiting.add(place);
    signal.addEventListener("abort", leave, { once: true });
    if (!this.#isBusy) {
      this.#isBusy = true;
      void this.#clock.sleep(gatherMs, new AbortController().signal).then(this.#next);
    }
    try {
      await promise;
    } finally {
      signal.removeEventListener("abort", leave);
    }
    return { [Symbol.dispose]: this.#next };
  }

  readonly #next = (): void => {
    const [first] = [...this.#waiting].toSorted((one, other) => one.alone - other.alone);
    this.#isBusy = first !== undefined;
    if (first === undefined) return;
    this.#waiting.delete(first);
    first.go();
  };
}
