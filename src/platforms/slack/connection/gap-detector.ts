import type { Downtime } from "../../../domain/inbound.ts";
import type { Clock } from "../../../ports/clock.ts";

/** Slack repeats what nobody acknowledged; within this time nothing is lost. */
const shortestGapMs = 10_000;

/** Knows when we heard nothing. */
export class GapDetector {
  readonly #clock: Clock;
  readonly #onGap: (downtime: Downtime) => void;
  #deafFromMs: number | undefined;

  constructor(clock: Clock, onGap: (downtime: Downtime) => void) {
    this.#clock = clock;
    this.#onGap = onGap;
  }

  lost(): void {
    this.#deafFromMs ??= this.#clock.nowMs();
  }

  regained(): void {
    const fromMs = this.#deafFromMs;
    this.#deafFromMs = undefined;
    const toMs = this.#clock.nowMs();
    if (fromMs === undefined || toMs - fromMs <= shortestGapMs) return;
    this.#onGap({ fromMs, toMs });
  }
}
