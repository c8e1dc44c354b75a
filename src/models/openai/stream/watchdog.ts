import { ModelError } from "../../../ports/model.ts";
import { asModelError } from "../failure/failure.ts";

const maxAnswerMs = 10 * 60_000;
/** One for all calls, because an abort without a reason makes an exception. The same kind as that one. */
const givenUp = new DOMException("The call is over", "AbortError");

/** How long a provider may be silent. */
export interface Patience {
  /** Before its headers. */
  readonly openMs: number;
  /** Before its first word or reasoning: the model may have to be loaded, and reads the prompt. */
  readonly loadMs: number;
  /** After that. */
  readonly idleMs: number;
}

/**
 * Ends one call that stalls. The client's own timeout covers only the headers, and an aborted stream looks like a finished
 * one, so every wait for the provider goes through `guard`.
 */
export class Watchdog implements Disposable {
  readonly #caller: AbortSignal;
  readonly #patience: Patience;
  readonly #startedAtMs = performance.now();
  readonly #call = new AbortController();
  #hasStalled = false;
  #phase: "open" | "load" | "idle" = "open";
  /** One for all waits, because a stream has very many. */
  #timer: NodeJS.Timeout | undefined;
  #timerMs = 0;
  #isWaiting = false;
  /** Of the current wait. */
  #gapMs = 0;

  constructor(patience: Patience, caller: AbortSignal) {
    this.#patience = patience;
    this.#caller = caller;
    // AbortSignal.any would collect thousands of listeners on a signal that lives as long as the program.
    caller.addEventListener("abort", this.#abort, { once: true });
    if (caller.aborted) this.#abort();
  }

  /** Fires when the call is to end, for any reason. */
  get signal(): AbortSignal {
    return this.#call.signal;
  }

  /** @throws the caller's reason, or a {ModelError}. */
  async guard<T>(wait: () => PromiseLike<T>, gapMs = this.#patience[`${this.#phase}Ms`]): Promise<T> {
    this.#check();
    this.#gapMs = gapMs;
    this.#isWaiting = true;
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
      this.#isWaiting = false;
    }
  }

  /** Restarts the wait at any sign of life, such as a comment or ping. */
  readonly alive = (): void => {
    const leftMs = this.#patience.loadMs + maxAnswerMs - (performance.now() - this.#startedAtMs);
    const ms = Math.min(this.#gapMs, Math.max(0, leftMs));
    if (this.#timer !== undefined && ms === this.#timerMs) {
      this.#timer.refresh();
      return;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#stall, ms);
    this.#timerMs = ms;
  };

  /** The model has begun to answer. */
  begin(): void {
    this.#phase = "idle";
  }

  /** Ends the call if it still runs. */
  giveUp(): void {
    this.#call.abort(givenUp);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#caller.removeEventListener("abort", this.#abort);
  }

  readonly #abort = (): void => {
    this.#call.abort();
  };

  readonly #stall = (): void => {
    // The reader of the answer is slow, not the provider.
    if (!this.#isWaiting) return;
    this.#hasStalled = true;
    this.#call.abort();
  };

  #check(): void {
    this.#caller.throwIfAborted();
    if (!this.#hasStalled) return;
    const { loadMs, idleMs } = this.#patience;
    // Asking again would only restart the loading.
    throw this.#phase !== "idle" && loadMs > idleMs
      ? new ModelError("loading", `The provider sent no word within ${Math.round(this.#gapMs / 1_000)} s`)
      : new ModelError("stalled", "The provider was silent for too long");
  }
}
