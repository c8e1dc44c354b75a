import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { ModelError } from "../../../ports/model.ts";
import { PassingModelError } from "../failure/failure.ts";
import { retryDelayMs } from "../../../async/retry-delay.ts";

const maxRetries = 2;
/** Longer waits are the caller's: the conversation then waits, and people are told. */
const maxWaitMs = 20_000;

interface RetryPorts {
  readonly clock: Clock;
  readonly log: Log;
}

/** Decides whether to ask for one answer again. Used only while nothing of the answer has been shown. */
export class Retries {
  readonly #clock: Clock;
  readonly #log: Log;
  #done = 0;
  #hasMoreRoom = false;

  constructor({ clock, log }: RetryPorts) {
    this.#clock = clock;
    this.#log = log;
  }

  /** True after an answer in which reasoning used all the room. */
  get hasMoreRoom(): boolean {
    return this.#hasMoreRoom;
  }

  /** Resolves when it is time to ask again. @throws the error when that can't help, or the signal's reason. */
  async waitAfter(error: unknown, signal: AbortSignal): Promise<void> {
    if (error instanceof ModelError && error.kind === "empty" && !this.#hasMoreRoom) {
      this.#hasMoreRoom = true;
      this.#log.warn({ kind: error.kind }, "asking the model again, with more room");
      return;
    }
    if (!(error instanceof PassingModelError) || this.#done === maxRetries) throw error;
    const { retryAfterMs: askedForMs } = error;
    if (askedForMs > maxWaitMs) throw error;
    this.#done += 1;
    const waitMs = retryDelayMs(this.#done, { firstMs: 500, longestMs: maxWaitMs, askedForMs });
    this.#log.warn({ kind: error.kind, retry: this.#done, waitMs }, "asking the model again");
    await this.#clock.sleep(waitMs, signal);
  }
}
