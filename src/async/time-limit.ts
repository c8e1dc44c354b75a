/**
 * A signal that fires with a TimeoutError after `ms`, or with the reason of `outer` once that fires. Disposing it stops its
 * timer. The timer of AbortSignal.timeout can't be stopped, and makes an exception long after the work is done.
 */
export class TimeLimit implements Disposable {
  readonly #limit = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number, outer?: AbortSignal) {
    this.#outer = outer;
    this.#timer = setTimeout(() => this.#limit.abort(timeoutError()), ms).unref();
    outer?.addEventListener("abort", this.#abort, { once: true });
    if (outer?.aborted === true) this.#abort();
  }

  get signal(): AbortSignal {
    return this.#limit.signal;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#abort);
  }

  readonly #abort = (): void => this.#limit.abort(this.#outer?.reason);
}

/** As AbortSignal.timeout makes it. */
function timeoutError(): DOMException {
  return new DOMException("The operation was aborted due to timeout", "TimeoutError");
}
