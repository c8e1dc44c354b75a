import type { Dispatcher } from "undici";

import type { Body } from "./decoded.ts";
import { LeanResponse, type AnswerHead } from "./lean-response.ts";

/** Beyond this many unread bytes the server has to wait. */
const maxWaitingBytes = 256 * 1_024;

export interface ExchangeOptions {
  readonly url: string;
  readonly signal: AbortSignal | undefined;
  /** Time until the end of the answer. Missing: unlimited. */
  readonly timeoutMs: number | undefined;
  /** Called once, also if it ends before it was sent. */
  readonly onEnd?: (exchange: Exchange) => void;
}

/** One request and its answer. Errors are those of fetch: the signal's reason, or a TypeError around the network's error. */
export class Exchange implements Dispatcher.DispatchHandler, Body {
  readonly #options: ExchangeOptions;
  readonly #answer = Promise.withResolvers<LeanResponse>();
  readonly #timer: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #waiting: Buffer[] = [];
  #bytes = 0;
  #hasHead = false;
  #isOver = false;
  #failure: { readonly reason: unknown } | undefined;
  /** Of a reader that waits for bytes. */
  #wake: (() => void) | undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    const { signal, timeoutMs } = options;
    if (timeoutMs !== undefined)
      this.#timer = setTimeout(() => this.#abort(timeoutError()), timeoutMs).unref();
    signal?.addEventListener("abort", this.#onAbort);
  }

  /** Resolves when the headers have arrived. */
  get answer(): Promise<LeanResponse> {
    return this.#answer.promise;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It was ended while it waited for a connection.
    if (this.#failure !== undefined) controller.abort(abortError);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: AnswerHead["headers"],
    statusText = "",
  ): void {
    if (status < 200) return;
    this.#hasHead = true;
    this.#answer.resolve(new LeanResponse({ url: this.#options.url, status, statusText, headers }, this));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > maxWaitingBytes) controller.pause();
    this.#wakeReader();
  }

  onResponseEnd(): void {
    this.#end();
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, cause: Error): void {
    this.#fail(new TypeError(this.#hasHead ? "terminated" : "fetch failed", { cause }));
  }

  /** The body, to be read once. Leaving it early ends the connection. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, undefined> {
    try {
      for (;;) {
        if (this.#bytes > 0) yield this.#take();
        else if (this.#failure !== undefined) throw this.#failure.reason;
        else if (this.#isOver) return;
        else await this.#more();
      }
    } finally {
      this.cancel();
    }
  }

  /** Ends the connection if the answer is not complete. */
  readonly cancel = (): void => {
    if (!this.#isOver) this.#abort(abortError);
  };

  #more(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return promise;
  }

  #take(): Uint8Array {
    const [first, second] = this.#waiting;
    const taken = first === undefined || second !== undefined ? Buffer.concat(this.#waiting) : first;
    this.#waiting = [];
    this.#bytes = 0;
    if (this.#controller?.paused === true) this.#controller.resume();
    return taken;
  }

  readonly #onAbort = (): void => this.#abort(this.#options.signal?.reason);

  #abort(reason: unknown): void {
    if (this.#isOver) return;
    // What was not read yet is lost, as with fetch.
    this.#waiting = [];
    this.#bytes = 0;
    this.#fail(reason);
    this.#controller?.abort(abortError);
  }

  #fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#failure = { reason };
    this.#answer.reject(reason);
    this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.onEnd?.(this);
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#wakeReader();
  }

  #wakeReader(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

/** Only undici sees it. */
const abortError = new Error("The exchange was ended");

/** As AbortSignal.timeout makes it. */
function timeoutError(): DOMException {
  return new DOMException("The operation was aborted due to timeout", "TimeoutError");
}
