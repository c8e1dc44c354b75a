import { setTimeout } from "node:timers/promises";

import type { Clock } from "../ports/clock.ts";

/** Node's timers count to here; a longer one goes off at once. */
const longestTimerMs = 2 ** 31 - 1;

/** The machine's own time. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (ms, signal) => {
    signal.throwIfAborted();
    try {
      let leftMs = ms;
      for (; leftMs > longestTimerMs; leftMs -= longestTimerMs)
        await setTimeout(longestTimerMs, undefined, { signal });
      await setTimeout(leftMs, undefined, { signal });
    } catch {
      // Node wraps the reason in an AbortError of its own; callers branch on the reason.
      signal.throwIfAborted();
    }
  },
};
