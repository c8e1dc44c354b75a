/** Waits that end together when their signal fires. */
interface Watch {
  readonly signal: AbortSignal;
  readonly waits: Set<Wait>;
  readonly fire: () => void;
}

interface Wait {
  readonly reject: (reason: unknown) => void;
  readonly watch: Watch;
  readonly endsAtMs: number;
}

/** How often signals without a call lose their listener. */
const sweepMs = 1_000;

/**
 * Deadlines of one length, for calls that are made often. They share one timer, and those with the same signal share one
 * listener, which stays for about a second after its last call. So a call that ends in time costs no timer, listener or
 * AbortController of its own.
 */
export class Deadlines {
  readonly #ms: number;
  /** Those that end first come first. */
  readonly #waits = new Set<Wait>();
  readonly #watches = new Map<AbortSignal, Watch>();
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.#ms = ms;
  }

  /**
   * Waits for work until the time has passed or the signal fires. The work itself continues.
   * @throws its own error, a TimeoutError, or the signal's reason.
   */
  async wait<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const result = work();
    return new Promise((resolve, reject) => {
      const wait = { reject, watch: this.#watch(signal), endsAtMs: performance.now() + this.#ms };
      this.#waits.add(wait);
      wait.watch.waits.add(wait);
      result.then(
        (value) => resolve(this.#settled(wait, value)),
        (error: unknown) => reject(this.#settled(wait, error)),
      );
      // The work may have fired it.
      if (signal.aborted) this.#end(wait, signal.reason);
    });
  }

  #watch(signal: AbortSignal): Watch {
    const known = this.#watches.get(signal);
    if (known !== undefined) return known;
    const waits = new Set<Wait>();
    const fire = (): void => {
      for (const wait of waits) this.#end(wait, signal.reason);
    };
    const watch = { signal, waits, fire };
    signal.addEventListener("abort", fire, { once: true });
    this.#watches.set(signal, watch);
    if (this.#timer === undefined)
      this.#timer = setTimeout(this.#endOverdue, Math.min(this.#ms, sweepMs)).unref();
    return watch;
  }

  #settled<T>(wait: Wait, outcome: T): T {
    this.#waits.delete(wait);
    wait.watch.waits.delete(wait);
    return outcome;
  }

  #end(wait: Wait, reason: unknown): void {
    wait.reject(this.#settled(wait, reason));
  }

  readonly #endOverdue = (): void => {
    const nowMs = performance.now();
    let leftMs = this.#ms;
    for (const wait of this.#waits) {
      leftMs = wait.endsAtMs - nowMs;
      if (leftMs > 0) break;
      this.#end(wait, new DOMException("The operation was aborted due to timeout", "TimeoutError"));
    }
    for (const { signal, waits, fire } of this.#watches.values()) {
      if (waits.size > 0) continue;
      signal.removeEventListener("abort", fire);
      this.#watches.delete(signal);
    }
    const waitMs = Math.min(Math.ceil(leftMs), sweepMs);
    this.#timer = this.#watches.size === 0 ? undefined : setTimeout(this.#endOverdue, waitMs).unref();
  };
}
