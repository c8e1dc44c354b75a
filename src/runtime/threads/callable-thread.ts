import { setTimeout } from "node:timers/promises";
import { Worker } from "node:worker_threads";

import type { Log } from "../../ports/log.ts";
import type { Health } from "../../ports/component.ts";
import { setV8Flags } from "../v8-flags.ts";
import { PendingCalls } from "./pending-calls.ts";
import type { ErrorData, FromThread, Served, ToThread } from "./thread-messages.ts";

const firstDelayMs = 100;
const maxDelayMs = 30_000;
/** A thread that ran for this long did not fail at its start. */
const steadyMs = 60_000;
const maxCloseMs = 30_000;
const fine: Health = { ok: true, why: "" };

/** How a thread is started. */
export interface ThreadStart {
  /** For the operator: "the thread that writes the archive". */
  readonly name: string;
  /** A module that calls serveCalls. */
  readonly file: URL;
  /** Its workerData. `isRestart`: the thread ended and is started again. */
  readonly data: (isRestart: boolean) => unknown;
  readonly log: Log;
  /** Maximum time to close; then the thread is terminated. */
  readonly closeMs?: number;
}

/** The callable side of a thread. */
export type Callable<Calls extends Served> = Pick<CallableThread<Calls>, "call" | "health">;

/** A call in a thread failed, or the thread ended. */
export class ThreadError extends Error {
  override readonly name = "ThreadError";
  /** The name of the error in the thread. */
  readonly kind: string;

  constructor(message: string, { name, stack }: Partial<ErrorData> = {}) {
    super(message);
    this.kind = name ?? "Error";
    if (stack !== undefined) this.stack = stack;
  }
}

/**
 * Runs functions in a separate thread. A call whose signal fires is rejected at once, and cancelled in the thread. When the
 * thread ends by itself, its calls are rejected and it is restarted: soon at first, later every 30 s. Until then calls are
 * rejected.
 */
export class CallableThread<Calls extends Served> implements AsyncDisposable {
  readonly #start: ThreadStart;
  readonly #calls = new PendingCalls();
  readonly #closing = new AbortController();
  readonly #opened = Promise.withResolvers<void>();
  /** Undefined until the restart. */
  #worker: Worker | undefined;
  #exited: Promise<void> = Promise.resolve();
  #hasOpened = false;
  /** Last reported by the thread. */
  #health: Health = fine;
  #failures = 0;

  constructor(start: ThreadStart) {
    this.#start = start;
    this.#opened.promise.catch(() => undefined);
    this.#run();
  }

  readonly health = (): Health => {
    const isUp = this.#worker !== undefined;
    return isUp ? this.#health : { ok: false, why: `${this.#start.name} has ended` };
  };

  /** Resolves when the thread is ready for the first time. @throws {ThreadError} with the reason of a failed start. */
  opened(): Promise<void> {
    return this.#opened.promise;
  }

  /** @throws {ThreadError}, or the signal's reason; the call may have been completed then. */
  async call<Name extends string & keyof Calls>(
    name: Name,
    argument: Parameters<Calls[Name]>[0],
    signal: AbortSignal,
  ): Promise<Awaited<ReturnType<Calls[Name]>>> {
    signal.throwIfAborted();
    const worker = this.#worker;
    if (worker === undefined || this.#closing.signal.aborted)
      throw new ThreadError(`${this.#start.name} is not running`);
    const { id, answer } = this.#calls.begin<Awaited<ReturnType<Calls[Name]>>>();
    const cancel = (): void => {
      this.#calls.reject(id, signal.reason);
      post(worker, { kind: "cancel", id });
    };
    signal.addEventListener("abort", cancel, { once: true });
    try {
      post(worker, { kind: "call", id, name, argument });
      return await answer;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  /** Waits for running calls, then for the thread to close. A thread that hangs is terminated, with an error in the log. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#calls.settled();
    const worker = this.#worker;
    if (worker === undefined) return;
    post(worker, { kind: "close" });
    const closed = new AbortController();
    const { name, log, closeMs = maxCloseMs } = this.#start;
    const late = setTimeout(closeMs, true, { signal: closed.signal }).catch(() => false);
    const isOverdue = await Promise.race([this.#exited.then(() => false), late]);
    closed.abort();
    if (!isOverdue) return;
    log.error({ closeMs }, `${name} did not close in time and was terminated`);
    await worker.terminate();
  }

  #run(): void {
    setV8Flags();
    const workerData = this.#start.data(this.#hasOpened);
    // Closing a file drops SQLite's locks on it for the whole process, so files of a thread that ends by itself stay open.
    const worker = new Worker(this.#start.file, { workerData, trackUnmanagedFds: false });
    const exited = Promise.withResolvers<void>();
    const startedAtMs = performance.now();
    let error = new ThreadError(`${this.#start.name} has ended`);
    this.#worker = worker;
    this.#health = fine;
    this.#exited = exited.promise;
    worker.on("message", (message: FromThread<never>) => {
      if (message.kind === "failed") error = new ThreadError(message.error.message, message.error);
      else this.#handle(message);
    });
    worker.on("error", (cause: Error) => (error = new ThreadError(cause.message, cause)));
    worker.once("exit", () => {
      this.#lost(error, performance.now() - startedAtMs);
      exited.resolve();
    });
  }

  #handle(message: Exclude<FromThread<never>, { readonly kind: "failed" }>): void {
    switch (message.kind) {
      case "opened":
        this.#hasOpened = true;
        return this.#opened.resolve();
      case "health":
        this.#health = message.health;
        return;
      case "done":
        return this.#calls.resolve(message.id, message.value);
      case "refused":
        return this.#calls.reject(message.id, new ThreadError(message.error.message, message.error));
      case "log":
        return this.#start.log[message.level](message.facts, message.message);
    }
  }

  #lost(error: ThreadError, servedMs: number): void {
    this.#worker = undefined;
    this.#calls.rejectAll(error);
    this.#opened.reject(error);
    if (this.#closing.signal.aborted) return;
    this.#failures = servedMs > steadyMs ? 0 : this.#failures + 1;
    const delayMs = Math.min(firstDelayMs * 4 ** (this.#failures - 1), maxDelayMs);
    void this.#restart(error, delayMs);
  }

  async #restart(why: ThreadError, delayMs: number): Promise<void> {
    await setTimeout(delayMs, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    if (this.#closing.signal.aborted) return;
    this.#start.log.error({ err: why }, `${this.#start.name} has ended and is restarted`);
    this.#run();
  }
}

function post(worker: Worker, message: ToThread<unknown>): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
  worker.postMessage(message);
}
