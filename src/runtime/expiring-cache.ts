import { LRUCache } from "lru-cache";

import type { Clock } from "../ports/clock.ts";
import { entriesUpTo } from "./growing-cache.ts";

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
  return new LRUCache({
    ...entriesUpTo(max),
    ttl: ttlMs,
    // Without a resolution the time is asked each time, so that a clock may jump.
    ttlResolution: 0,
    perf: { now: () => clock.nowMs() },
  });
}
