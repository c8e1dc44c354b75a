import { ModelError } from "../../../ports/model.ts";
import { asModelError } from "../failure/failure.ts";

const longestAnswerMs = 10 * 60_000;

/** How long a provider may be silent. */
export interface Patience {
  /** Before its headers. */
  readonly openMs: number;
  /** Before its first word or thought: a model may have to be loaded, and reads the prompt. */
  readonly loadMs: number;
  /** After that. */
  readonly idleMs: number;
}

/**
 * Watches over one call. The library's own timeout ends with the headers, and a stream that was aborted looks like
 * one that came to its end: so whatever waits for the provider waits in `guard`.
 */
export class Watchdog implements Disposable {
  readonly #caller: AbortSignal;
  readonly #patience: Patience;
  readonly #startedAtMs = performance.now();
  readonly #call = new AbortController();
  #hasStalled = false;
  #phase: "open" | "load" | "idle" = "open";
  #timer: NodeJS.Timeout | undefined;
  /** Of the wait that is under way. */
  #gapMs = 0;

  constructor(patience: Patience, caller: AbortSignal) {
    this.#patience = patience;
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
  async guard<T>(wait: () => PromiseLike<T>, gapMs = this.#patience[`${this.#phase}Ms`]): Promise<T> {
    this.#check();
    this.#gapMs = gapMs;
    this.alive();
    try {
      const result = await wait();
      this.#check();
      if (this.#phase === "open") this.#phase = "load";
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
    const leftMs = this.#patience.loadMs + longestAnswerMs - (performance.now() - this.#startedAtMs);
    this.#timer = setTimeout(this.#stall, Math.min(this.#gapMs, Math.max(0, leftMs)));
  };

  /** The model is at work. */
  begin(): void {
    this.#phase = "idle";
  }

  /** Ends the call, if it is not over. */
  giveUp(): void {
    this.#call.abort();
  }

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
    if (!this.#hasStalled) return;
    const { loadMs, idleMs } = this.#patience;
    // While it loads, asking again would only make it begin anew.
    throw this.#phase !== "idle" && loadMs > idleMs
      ? new ModelError("loading", `The provider sent no word within ${Math.round(this.#gapMs / 1_000)} s`)
      : new ModelError("stalled", "The provider sent nothing for too long");
  }
}
