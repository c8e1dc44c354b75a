import type { Clock } from "../../../ports/clock.ts";

/** How many calls Slack takes: some at once, then one in each interval. */
export interface Allowance {
  readonly atOnce: number;
  readonly intervalMs: number;
}

/** Spreads calls over time, so that Slack need not ask for it. */
export class RateLimiter {
  readonly #clock: Clock;
  readonly #allowance: Allowance;
  /** When all that was let through by now would have come one by one. */
  #spentUntilMs = 0;

  constructor(clock: Clock, allowance: Allowance) {
    this.#clock = clock;
    this.#allowance = allowance;
  }

  /** Resolves when the next call may be made. @throws the signal's reason. */
  async turn(signal: AbortSignal): Promise<void> {
    const { atOnce, intervalMs } = this.#allowance;
    const nowMs = this.#clock.nowMs();
    this.#spentUntilMs = Math.max(this.#spentUntilMs, nowMs) + intervalMs;
    const waitMs = this.#spentUntilMs - atOnce * intervalMs - nowMs;
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
  }

  /** Slack asked after all: nobody calls before. */
  pause(ms: number): void {
    const { atOnce, intervalMs } = this.#allowance;
    const resumeMs = this.#clock.nowMs() + ms + (atOnce - 1) * intervalMs;
    this.#spentUntilMs = Math.max(this.#spentUntilMs, resumeMs);
  }
}
