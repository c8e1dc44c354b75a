/** Lets only `max` requests be under way at a time. The others wait, and begin in their order. */
export class RequestLimit {
  readonly #max: number;
  readonly #running = new Set<object>();
  readonly #waiting = new Map<object, () => void>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Calls `send` as soon as there is room; never, if the request ends before. */
  begin(request: object, send: () => void): void {
    if (this.#running.size >= this.#max) {
      this.#waiting.set(request, send);
      return;
    }
    this.#running.add(request);
    send();
  }

  /** Call it once for each request, also for one that was not sent. */
  end(request: object): void {
    if (this.#waiting.delete(request) || !this.#running.has(request)) return;
    if (this.#waiting.size === 0) this.#running.delete(request);
    // undici takes its connection for free when it has seen the end itself, one round of the event loop later.
    else queueMicrotask(() => setImmediate(() => this.#makeRoom(request)));
  }

  #makeRoom(request: object): void {
    this.#running.delete(request);
    const [next] = this.#waiting;
    if (next === undefined) return;
    const [waiting, send] = next;
    this.#waiting.delete(waiting);
    this.begin(waiting, send);
  }
}
