import { ModelError } from "../../ports/model.ts";
import { asModelError } from "./failure.ts";

const longestAnswerMs = 10 * 60_000;

/**
 * Watches over one call. The library's own timeout ends with the headers, and a stream that it aborts looks like one
 * that came to its end: so whatever waits for the provider waits in `guard`.
 */
export class Watchdog {
  readonly signal: AbortSignal;
  readonly #caller: AbortSignal;
  readonly #own = new AbortController();
  readonly #idleMs: number;

  constructor(idleMs: number, caller: AbortSignal) {
    this.#idleMs = idleMs;
    this.#caller = caller;
    this.signal = AbortSignal.any([caller, this.#own.signal, AbortSignal.timeout(longestAnswerMs)]);
  }

  /** @throws the caller's reason, or a {ModelError}. */
  async guard<T>(wait: () => PromiseLike<T>, idleMs = this.#idleMs): Promise<T> {
    this.#check();
    const timer = setTimeout(() => this.#own.abort(), idleMs);
    try {
      const result = await wait();
      this.#check();
      return result;
    } catch (error) {
      this.#check();
      throw asModelError(error);
    } finally {
      clearTimeout(timer);
    }
  }

  #check(): void {
    this.#caller.throwIfAborted();
    if (this.#own.signal.aborted) throw new ModelError("stalled", "The provider sent nothing for too long");
    if (this.signal.aborted) throw new ModelError("stalled", "The answer took too long altogether");
  }
}
