import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { within } from "./within.ts";

const tryDeadlineMs = 10_000;
const longestWaitMs = 10_000;
const giveUpAfterMs = 15 * 60_000;

export type Work = (signal: AbortSignal) => Promise<void>;

export interface LanesOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Work beyond this is refused. */
  readonly mostWaiting: number;
}

/**
 * Does work in order, one at a time within a lane, and tries again until it succeeds: a gateway has no "not
 * acknowledged", so what we don't store ourselves nobody delivers again.
 */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #tails = new Map<string, Promise<void>>();
  readonly #closing = new AbortController();
  #waiting = 0;
  #failing = 0;
  #lost = 0;

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  /** How much work has failed and is being tried again. */
  get failing(): number {
    return this.#failing;
  }

  run(lane: string, work: Work): void {
    if (this.#waiting >= this.#options.mostWaiting) {
      this.#lose("too much waits");
      return;
    }
    this.#waiting += 1;
    // A tail never rejects: failed work must not take what stands behind it along.
    const tail = this.idle(lane)
      .then(() => this.#untilDone(work))
      .finally(() => {
        this.#waiting -= 1;
        if (this.#tails.get(lane) === tail) this.#tails.delete(lane);
      });
    this.#tails.set(lane, tail);
  }

  /** Resolves when everything that stands in the lane now is done. Never rejects. */
  async idle(lane: string): Promise<void> {
    await this.#tails.get(lane);
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

  async #untilDone(work: Work): Promise<void> {
    const { clock } = this.#options;
    const beganAtMs = clock.nowMs();
    for (let tries = 1; ; tries += 1) {
      if (this.#closing.signal.aborted) {
        this.#lose("closing");
        return;
      }
      try {
        const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(tryDeadlineMs)]);
        await within(signal, work(signal));
        return;
      } catch (error) {
        if (isOurFault(error)) {
          this.#options.log.error({ err: error }, "a Discord event could not be understood");
          return;
        }
        if (tries === 1) this.#options.log.warn({ err: error }, "a Discord event could not be stored yet");
        if (clock.nowMs() - beganAtMs > giveUpAfterMs) {
          this.#lose("it failed for too long");
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
      .sleep(Math.min(longestWaitMs, growingMs), this.#closing.signal)
      .catch(() => undefined);
    this.#failing -= 1;
  }

  #lose(why: string): void {
    this.#lost += 1;
    this.#options.log.error({ why, lost: this.#lost }, "a Discord event was lost");
  }
}

/** Trying again would fail again, and hold up everything behind it. Outages come as errors of the ports. */
function isOurFault(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
}
