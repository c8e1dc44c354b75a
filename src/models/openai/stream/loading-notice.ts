/** Tells once that what was asked for is long in coming. */
export class LoadingNotice implements Disposable {
  readonly #late: Promise<"late"> | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #isTold = false;

  /** @param lateMs Missing: it is never told. */
  constructor(lateMs: number | undefined) {
    if (lateMs === undefined) return;
    const { promise, resolve } = Promise.withResolvers<"late">();
    this.#late = promise;
    this.#timer = setTimeout(resolve, lateMs, "late");
  }

  /** Waits, and yields "late" when it is time for that. */
  async *watch<T>(wait: Promise<T>): AsyncGenerator<"late", T> {
    if (this.#late === undefined || this.#isTold) return wait;
    // Whoever leaves at the news does not wait for it any more.
    wait.catch(() => undefined);
    if ((await Promise.race([wait, this.#late])) !== "late") return wait;
    this.#isTold = true;
    yield "late";
    return wait;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
