import { setTimeout } from "node:timers/promises";

import { describe, expect, test } from "vitest";

import { systemClock } from "../../src/runtime/clock.ts";

describe("the machine's clock", () => {
  test.each([2 ** 31, 1e12, Infinity])(
    "sleeps for %d ms like any time: it does not return at once",
    async (ms) => {
      const scheduled = new AbortController();
      const sleep = systemClock.sleep(ms, scheduled.signal).then(
        () => "slept",
        () => "woken",
      );
      // Several timers of Node's that are too long would have gone off by then.
      expect(await Promise.race([sleep, setTimeout(50, "asleep")])).toBe("asleep");
      scheduled.abort();
      expect(await sleep).toBe("woken");
    },
  );
});
