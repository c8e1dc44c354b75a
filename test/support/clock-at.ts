import type { Clock } from "../../src/ports/clock.ts";
import { systemClock } from "../../src/runtime/clock.ts";

/** A clock that runs so many times too fast. */
export function clockAt(speed: number): Clock {
  const startedAtMs = Date.now();
  return {
    nowMs: () => startedAtMs + (Date.now() - startedAtMs) * speed,
    sleep: (ms, signal) => systemClock.sleep(ms / speed, signal),
  };
}
