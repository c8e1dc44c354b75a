import { JoinedSignal } from "./joined-signal.ts";

/**
 * A signal that fires with a TimeoutError after `ms`, or with the reason of `outer` once that fires. Disposing it stops its
 * timer. The timer of AbortSignal.timeout can't be stopped, and makes an exception long after the work is done.
 */
export class TimeLimit implements Disposable {
  readonly #limit: JoinedSignal;
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number, ...outer: readonly AbortSignal[]) {
    this.#limit = new JoinedSignal(...outer);
    this.#timer = setTimeout(() => this.#limit.abort(timeoutError()), ms).unref();
  }

  get signal(): AbortSignal {
    return this.#limit.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#limit[Symbol.dispose]();
  }
}

/** As AbortSignal.timeout makes it. */
function timeoutError(): DOMException {
  return new DOMException("The operation was aborted due to timeout", "TimeoutError");
}
