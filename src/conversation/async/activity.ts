import type { Clock } from "../../ports/clock.ts";

const lookEveryMs = 1_000;

/** Counts the calls under way, so that callers can wait until all work is done. */
export class Activity {
  #running = 0;
  #change = Promise.withResolvers<void>();

  /** The same function, with each of its calls counted until it settles. */
  noticing<Values extends readonly unknown[], Result>(
    run: (...values: Values) => Promise<Result>,
  ): (...values: Values) => Promise<Result> {
    return async (...values) => {
      this.#running += 1;
      try {
        return await run(...values);
      } finally {
        this.#running -= 1;
        this.#change.resolve();
        this.#change = Promise.withResolvers();
      }
    };
  }

  /** Resolves when no call is under way and nothing waits. Looks after each call, and each second for other processes' work. */
  async whenIdle(
    isWaiting: () => Promise<boolean>,
    { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  ): Promise<void> {
    for (;;) {
      const change = this.#change.promise;
      if (this.#running === 0 && !(await isWaiting()) && this.#running === 0) return;
      const looking = new AbortController();
      const either = AbortSignal.any([signal, looking.signal]);
      await Promise.race([change, clock.sleep(lookEveryMs, either)]).finally(() => looking.abort());
    }
  }
}
