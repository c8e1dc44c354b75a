import { setTimeout } from "node:timers/promises";

import type { Clock } from "../ports/clock.ts";

/** Node's longest timer. A longer one fires at once. */
const maxTimerMs = 2 ** 31 - 1;

/** The system clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (ms, signal) => {
    signal.throwIfAborted();
    try {
      let leftMs = ms;
      for (; leftMs > maxTimerMs; leftMs -= maxTimerMs) await setTimeout(maxTimerMs, undefined, { signal });
      await setTimeout(leftMs, undefined, { signal });
    } catch {
      // Node wraps the reason in an AbortError of its own; callers branch on the reason.
      signal.throwIfAborted();
    }
  },
};
