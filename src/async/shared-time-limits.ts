import { TimeLimit } from "./time-limit.ts";

const togetherMs = 50;

/**
 * Signals that fire with a TimeoutError, for calls that are made often. Calls that begin within 50 ms of each other share one,
 * so that neither they nor what they call need a timer and listeners for each.
 */
export class SharedTimeLimits {
  readonly #ms: number;
  #newest: AbortSignal | undefined;

  /** @param ms - after this time a signal has fired; it fires up to 50 ms earlier */
  constructor(ms: number) {
    this.#ms = ms;
  }

  /** For a call that begins now. */
  begin(): AbortSignal {
    if (this.#newest === undefined) {
      // Its timer is not stopped: nobody knows when the last call has ended.
      this.#newest = new TimeLimit(this.#ms).signal;
      setTimeout(() => (this.#newest = undefined), togetherMs).unref();
    }
    return this.#newest;
  }
}
