import type { Clock } from "../../../ports/clock.ts";

/** A burst of calls, then one per interval. */
export interface Rate {
  readonly burst: number;
  readonly intervalMs: number;
}

/** Spreads calls over time, to stay below Slack's rate limits. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #rate: Rate;
  /** When all calls so far would be over if each took one interval. */
  #spentUntilMs = 0;

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
  }

  /** Resolves when the next call may be made. @throws the signal's reason. */
  async wait(signal: AbortSignal): Promise<void> {
    const { burst, intervalMs } = this.#rate;
    const nowMs = this.#clock.nowMs();
    this.#spentUntilMs = Math.max(this.#spentUntilMs, nowMs) + intervalMs;
    const waitMs = this.#spentUntilMs - burst * intervalMs - nowMs;
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
  }

  /** Delays all further calls, after Slack answered with a rate limit. */
  pause(ms: number): void {
    const { burst, intervalMs } = this.#rate;
    const resumeMs = this.#clock.nowMs() + ms + (burst - 1) * intervalMs;
    this.#spentUntilMs = Math.max(this.#spentUntilMs, resumeMs);
  }
}
