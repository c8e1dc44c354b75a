import type { Downtime } from "../../../domain/inbound.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { isPermanent } from "./is-permanent.ts";
import { raceAbort } from "../../../async/race-abort.ts";
import { KeyedQueue } from "../../../async/keyed-queue.ts";
import { retryDelayMs } from "../../../async/retry-delay.ts";

const attemptDeadlineMs = 10_000;
const retryPace = { firstMs: 200, longestMs: 10_000 };
const giveUpAfterMs = 15 * 60_000;

export type Work = (signal: AbortSignal) => Promise<void>;

export interface RetryQueueOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Further messages are dropped; changes are dropped beyond twice as many. */
  readonly maxWaiting: number;
  /**
   * Called once after a loss, when work succeeds again and the queue is half empty. Events of this time were dropped.
   */
  readonly onLost: (downtime: Downtime) => void;
}

/** A dropped message can be fetched later; a dropped change can't. */
type Kind = "message" | "change";

/**
 * Runs work in order, one at a time per key, and retries it until it succeeds. The gateway has no "not acknowledged":
 * Discord does not redeliver an event that the bot fails to store.
 */
export class RetryQueue {
  readonly #options: RetryQueueOptions;
  readonly #queue = new KeyedQueue();
  readonly #closing = new AbortController();
  #waiting = 0;
  #failing = 0;
  #lost = 0;
  #lostFromMs = Infinity;

  constructor(options: RetryQueueOptions) {
    this.#options = options;
  }

  /** The number of works that failed and wait for their retry. */
  get failing(): number {
    return this.#failing;
  }

  run(key: string, work: Work, kind: Kind = "message"): void {
    const { clock, maxWaiting } = this.#options;
    const queuedAtMs = clock.nowMs();
    if (this.#waiting >= (kind === "change" ? 2 : 1) * maxWaiting) {
      this.#recordLoss("the queue is full", queuedAtMs);
      return;
    }
    this.#waiting += 1;
    void this.#queue
      .run(key, () => this.#retryUntilDone(work, queuedAtMs))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  /** Resolves when all work queued so far under the key is done. Never rejects. */
  async idle(key: string): Promise<void> {
    await this.#queue.idle(key);
  }

  /** Waits up to `graceMs` for all work, then drops the rest. */
  async close(graceMs: number): Promise<void> {
    const done = new AbortController();
    void this.#options.clock
      .sleep(graceMs, done.signal)
      .then(() => this.#closing.abort(new Error("Closing")))
      .catch(() => undefined);
    await this.#queue.settled();
    done.abort();
  }

  async #retryUntilDone(work: Work, queuedAtMs: number): Promise<void> {
    const { clock } = this.#options;
    const beganAtMs = clock.nowMs();
    for (let attempts = 1; ; attempts += 1) {
      if (this.#closing.signal.aborted) {
        this.#recordLoss("closing", queuedAtMs);
        return;
      }
      try {
        const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(attemptDeadlineMs)]);
        await raceAbort(work(signal), signal);
        this.#reportLoss();
        return;
      } catch (error) {
        // A retry would block everything behind it.
        if (isPermanent(error)) {
          this.#options.log.error(
            { err: error },
            "Discord sent an event of an unexpected shape; it is skipped, please report it",
          );
          return;
        }
        if (attempts === 1)
          this.#options.log.warn(
            { err: error },
            "could not store a Discord event yet; it is retried, check the store",
          );
        if (clock.nowMs() - beganAtMs > giveUpAfterMs) {
          this.#recordLoss("retries took too long", queuedAtMs);
          return;
        }
        await this.#backOff(attempts);
      }
    }
  }

  async #backOff(attempts: number): Promise<void> {
    this.#failing += 1;
    await this.#options.clock
      .sleep(retryDelayMs(attempts, retryPace), this.#closing.signal)
      .catch(() => undefined);
    this.#failing -= 1;
  }

  #recordLoss(why: string, queuedAtMs: number): void {
    if (this.#lost === 0) {
      this.#options.log.error(
        { why },
        "Discord events are dropped; messages are fetched later, check the store",
      );
    }
    this.#lost += 1;
    this.#lostFromMs = Math.min(queuedAtMs, this.#lostFromMs);
  }

  #reportLoss(): void {
    const { clock, log, maxWaiting, onLost } = this.#options;
    // While the queue is long, more may be dropped at any moment.
    if (this.#lost === 0 || this.#waiting > maxWaiting / 2) return;
    log.warn({ lost: this.#lost }, "the store works again; fetching the messages of dropped Discord events");
    const fromMs = this.#lostFromMs;
    this.#lost = 0;
    this.#lostFromMs = Infinity;
    onLost({ fromMs, toMs: clock.nowMs() });
  }
}
