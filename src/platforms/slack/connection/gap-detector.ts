import type { Downtime } from "../../../domain/inbound.ts";
import type { Clock } from "../../../ports/clock.ts";

/** Slack delivers unacknowledged events again, so a shorter gap loses nothing. */
const minGapMs = 10_000;

/** Reports each time without any connection to Slack, once it is over. */
export class GapDetector {
  readonly #clock: Clock;
  readonly #onGap: (downtime: Downtime) => void;
  #offlineFromMs: number | undefined;

  constructor(clock: Clock, onGap: (downtime: Downtime) => void) {
    this.#clock = clock;
    this.#onGap = onGap;
  }

  disconnected(): void {
    this.#offlineFromMs ??= this.#clock.nowMs();
  }

  connected(): void {
    const fromMs = this.#offlineFromMs;
    this.#offlineFromMs = undefined;
    const toMs = this.#clock.nowMs();
    if (fromMs === undefined || toMs - fromMs <= minGapMs) return;
    this.#onGap({ fromMs, toMs });
  }
}
