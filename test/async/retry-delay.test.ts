import fc from "fast-check";
import { expect, test } from "vitest";

import { retryDelayMs } from "../../src/async/retry-delay.ts";

const ms = fc.integer({ min: 1, max: 100_000 });

test("a delay doubles with each retry up to the maximum, plus or minus a half", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000 }), ms, ms, (tries, firstMs, longestMs) => {
      const middle = Math.min(longestMs, firstMs * 2 ** (tries - 1));
      const waitMs = retryDelayMs(tries, { firstMs, longestMs });
      expect(waitMs).toBeGreaterThanOrEqual(Math.floor(middle / 2));
      expect(waitMs).toBeLessThanOrEqual(Math.ceil(middle * 1.5));
    }),
  );
});

test("a delay is never shorter than the server asks, even beyond the maximum", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), ms, (tries, askedForMs) => {
      expect(retryDelayMs(tries, { firstMs: 5, longestMs: 50, askedForMs })).toBeGreaterThanOrEqual(
        askedForMs,
      );
    }),
  );
});
