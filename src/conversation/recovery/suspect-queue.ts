import type { Clock } from "../../ports/clock.ts";

/** At start, many suspects arrive at once. The queue waits for all before it picks the least suspected one. */
const gatherMs = 250;
const maxConcurrent = 64;

interface QueuedSuspect {
  readonly alone: number;
  readonly go: (isOnly: boolean) => void;
}

/** A suspect's permission to run. Dispose it when its turn is over. */
export interface QueuePass extends Disposable {
  /** No other suspect runs until then. */
  readonly isOnly: boolean;
}

/**
 * Limits how many suspects run at once in this process: one at first, and one more for each that finished. The least
 * suspected runs first. A suspect with a failed trial always runs alone.
 */
export class SuspectQueue {
  readonly #clock: Clock;
  readonly #waiting = new Set<QueuedSuspect>();
  #width = 1;
  #active = 0;
  #isClosed = false;
  #gathering: Promise<void> | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when the suspect may run. @throws the signal's reason. */
  async enter(alone: number, signal: AbortSignal): Promise<QueuePass> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const waiting = { alone, go: resolve };
    const leave = (): void => {
      if (this.#waiting.delete(waiting)) reject(signal.reason);
    };
    this.#waiting.add(waiting);
    signal.addEventListener("abort", leave, { once: true });
    this.#gathering ??= this.#clock.sleep(gatherMs, new AbortController().signal);
    void this.#gathering.then(this.#serve);
    try {
      const isOnly = await promise;
      return { isOnly, [Symbol.dispose]: this.#through };
    } finally {
      signal.removeEventListener("abort", leave);
    }
  }

  readonly #serve = (): void => {
    for (const each of [...this.#waiting].toSorted((one, other) => one.alone - other.alone)) {
      const isOnly = each.alone > 0 || this.#width === 1;
      if (this.#isClosed || this.#active >= (isOnly ? 1 : this.#width)) return;
      this.#waiting.delete(each);
      this.#active += 1;
      this.#isClosed = isOnly;
      each.go(isOnly);
    }
  };

  readonly #through = (): void => {
    this.#active -= 1;
    this.#isClosed = false;
    this.#width = Math.min(maxConcurrent, this.#width + 1);
    this.#serve();
  };
}
