import type { Downtime } from "../../../domain/inbound.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import { isPermanent } from "./is-permanent.ts";
import { raceAbort } from "./race-abort.ts";

const attemptDeadlineMs = 10_000;
const maxWaitMs = 10_000;
const giveUpAfterMs = 15 * 60_000;

export type Work = (signal: AbortSignal) => Promise<void>;

export interface RetryQueueOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Messages beyond this are refused, changes beyond twice as many. */
  readonly maxWaiting: number;
  /** What came in this time was refused or given up; told once, when work succeeds again and little waits. */
  readonly onLost: (downtime: Downtime) => void;
}

/** A message that is refused can be read later; a change can't. */
type Kind = "message" | "change";

/**
 * Does work in order, one at a time within a key, and tries again until it succeeds: a gateway has no "not
 * acknowledged", so what we don't store ourselves nobody delivers again.
 */
export class RetryQueue {
  readonly #options: RetryQueueOptions;
  readonly #tails = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  #waiting = 0;
  #failing = 0;
  #lost = 0;
  #lostFromMs = Infinity;

  constructor(options: RetryQueueOptions) {
    this.#options = options;
  }

  /** How much work has failed and is being tried again. */
  get failing(): number {
    return this.#failing;
  }

  run(key: string, work: Work, kind: Kind = "message"): void {
    const { clock, maxWaiting } = this.#options;
    const queuedAtMs = clock.nowMs();
    if (this.#waiting >= (kind === "change" ? 2 : 1) * maxWaiting) {
      this.#lose("too much waits", queuedAtMs);
      return;
    }
    this.#waiting += 1;
    // A tail never rejects: failed work must not take what stands behind it along.
    const tail = this.idle(key)
      .then(() => this.#untilDone(work, queuedAtMs))
      .finally(() => {
        this.#waiting -= 1;
        if (this.#tails.get(key) === tail) this.#tails.delete(key);
      });
    this.#tails.set(key, tail);
  }

  /** Resolves when everything that stands in the key now is done. Never rejects. */
  async idle(key: string): Promise<void> {
    await this.#tails.get(key);
  }

  /** Waits for all work that is under way, then gives up the rest. */
  async close(graceMs: number): Promise<void> {
    const done = new AbortController();
    void this.#options.clock
      .sleep(graceMs, done.signal)
      .then(() => this.#closing.abort(new Error("Closing")))
      .catch(() => undefined);
    await Promise.all(this.#tails.values());
    done.abort();
  }

  async #untilDone(work: Work, queuedAtMs: number): Promise<void> {
    const { clock } = this.#options;
    const beganAtMs = clock.nowMs();
    for (let tries = 1; ; tries += 1) {
      if (this.#closing.signal.aborted) {
        this.#lose("closing", queuedAtMs);
        return;
      }
      try {
        const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(attemptDeadlineMs)]);
        await raceAbort(signal, work(signal));
        this.#tellOfLoss();
        return;
      } catch (error) {
        // It would hold up everything behind it.
        if (isPermanent(error)) {
          this.#options.log.error({ err: error }, "a Discord event could not be understood");
          return;
        }
        if (tries === 1) this.#options.log.warn({ err: error }, "a Discord event could not be stored yet");
        if (clock.nowMs() - beganAtMs > giveUpAfterMs) {
          this.#lose("it failed for too long", queuedAtMs);
          return;
        }
        await this.#waitToTryAgain(tries);
      }
    }
  }

  async #waitToTryAgain(tries: number): Promise<void> {
    const growingMs = 100 * 2 ** Math.min(tries, 10) * (0.5 + Math.random() / 2);
    this.#failing += 1;
    await this.#options.clock
      .sleep(Math.min(maxWaitMs, growingMs), this.#closing.signal)
      .catch(() => undefined);
    this.#failing -= 1;
  }

  #lose(why: string, cameAtMs: number): void {
    if (this.#lost === 0) {
      this.#options.log.error({ why }, "Discord events are dropped; what people said is read later");
    }
    this.#lost += 1;
    this.#lostFromMs = Math.min(cameAtMs, this.#lostFromMs);
  }

  #tellOfLoss(): void {
    const { clock, log, maxWaiting, onLost } = this.#options;
    // While much waits, more may be refused at any moment.
    if (this.#lost === 0 || this.#waiting > maxWaiting / 2) return;
    log.warn({ lost: this.#lost }, "Discord events were dropped; what people said is read now");
    const fromMs = this.#lostFromMs;
    this.#lost = 0;
    this.#lostFromMs = Infinity;
    onLost({ fromMs, toMs: clock.nowMs() });
  }
}
