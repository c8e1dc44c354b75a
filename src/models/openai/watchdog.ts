import { ModelError } from "../../ports/model.ts";
import { asModelError } from "./failure.ts";

const longestAnswerMs = 10 * 60_000;

/**
 * Watches over one call. The library's own timeout ends with the headers, and a stream that was aborted looks like
 * one that came to its end: so whatever waits for the provider waits in `guard`.
 */
export class Watchdog implements Disposable {
  readonly #caller: AbortSignal;
  readonly #idleMs: number;
  readonly #startedAtMs = performance.now();
  readonly #call = new AbortController();
  #hasStalled = false;
  #timer: NodeJS.Timeout | undefined;
  /** Of the wait that is under way. */
  #gapMs = 0;

  constructor(idleMs: number, caller: AbortSignal) {
    this.#idleMs = idleMs;
    this.#caller = caller;
    // Cheaper than AbortSignal.any, of which thousands would gather at a signal that lives as long as the program.
    caller.addEventListener("abort", this.#abort, { once: true });
    if (caller.aborted) this.#abort();
  }

  /** Ends the call for whatever reason there is. */
  get signal(): AbortSignal {
    return this.#call.signal;
  }

  /** @throws the caller's reason, or a {ModelError}. */
  async guard<T>(wait: () => PromiseLike<T>, idleMs = this.#idleMs): Promise<T> {
    this.#check();
    this.#gapMs = idleMs;
    this.alive();
    try {
      const result = await wait();
      this.#check();
      return result;
    } catch (error) {
      this.#check();
      throw asModelError(error);
    } finally {
      clearTimeout(this.#timer);
    }
  }

  /** A sign of life, also where it carries nothing: the wait begins again. */
  readonly alive = (): void => {
    clearTimeout(this.#timer);
    const leftMs = longestAnswerMs - (performance.now() - this.#startedAtMs);
    this.#timer = setTimeout(this.#stall, Math.min(this.#gapMs, Math.max(0, leftMs)));
  };

  [Symbol.dispose](): void {
    this.#caller.removeEventListener("abort", this.#abort);
  }

  readonly #abort = (): void => {
    this.#call.abort();
  };

  readonly #stall = (): void => {
    this.#hasStalled = true;
    this.#call.abort();
  };

  #check(): void {
    this.#caller.throwIfAborted();
    if (this.#hasStalled) throw new ModelError("stalled", "The provider sent nothing for too long");
  }
}
