/** Reports once when an answer takes long to begin. */
export class LoadingNotice implements Disposable {
  readonly #late: Promise<"late"> | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #isReported = false;

  /** @param afterMs - missing: never reports */
  constructor(afterMs: number | undefined) {
    if (afterMs === undefined) return;
    const { promise, resolve } = Promise.withResolvers<"late">();
    this.#late = promise;
    this.#timer = setTimeout(resolve, afterMs, "late");
  }

  /** Waits, and yields "late" once when the time is over. */
  async *watch<T>(wait: Promise<T>): AsyncGenerator<"late", T> {
    if (this.#late === undefined || this.#isReported) return wait;
    // A caller that returns at "late" no longer handles the rejection.
    wait.catch(() => undefined);
    if ((await Promise.race([wait, this.#late])) !== "late") return wait;
    this.#isReported = true;
    yield "late";
    return wait;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
