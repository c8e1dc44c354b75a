import { getEventListeners } from "node:events";
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

  test("ends a sleep with the signal's reason, and leaves no listener behind", async () => {
    const scheduled = new AbortController();
    await systemClock.sleep(1, scheduled.signal);
    expect(getEventListeners(scheduled.signal, "abort")).toHaveLength(0);
    const sleep = systemClock.sleep(60_000, scheduled.signal);
    scheduled.abort("gone");
    await expect(sleep).rejects.toBe("gone");
    await expect(systemClock.sleep(0, scheduled.signal)).rejects.toBe("gone");
  });
});
