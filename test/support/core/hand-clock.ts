import type { Clock } from "../../../src/ports/clock.ts";
import { systemClock } from "../../../src/runtime/clock.ts";

/** A clock that the test advances, from 10:00 today. Each reading is later than the last, and sleeping takes at most 5 ms. */
export class HandClock implements Clock {
  #nowMs = new Date().setUTCHours(10, 0, 0, 0);

  readonly nowMs = (): number => (this.#nowMs += 1);

  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> =>
    systemClock.sleep(Math.min(ms, 5), signal);

  pass(ms: number): void {
    this.#nowMs += ms;
  }
}
