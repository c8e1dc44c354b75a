import { setTimeout } from "node:timers/promises";

import type { Clock } from "../ports/clock.ts";

/** The machine's own time. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (ms, signal) => {
    signal.throwIfAborted();
    try {
      await setTimeout(ms, undefined, { signal });
    } catch {
      // Node wraps the reason in an AbortError of its own; callers branch on the reason.
      signal.throwIfAborted();
    }
  },
};
