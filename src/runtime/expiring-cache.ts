import { LRUCache } from "lru-cache";

import type { Clock } from "../ports/clock.ts";

/** A cache of the `max` entries used last, each for `ttlMs` from when it was set. */
export function expiringCache<Value extends object | string | number | true>({
  clock,
  ttlMs,
  max,
}: {
  readonly clock: Clock;
  readonly ttlMs: number;
  readonly max: number;
}): LRUCache<string, Value> {
  // Without a resolution the time is asked each time, so that a clock may jump.
  return new LRUCache({ max, ttl: ttlMs, ttlResolution: 0, perf: { now: () => clock.nowMs() } });
}
