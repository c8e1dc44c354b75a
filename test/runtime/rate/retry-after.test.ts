import { expect, test } from "vitest";

import { retryAfterMs } from "../../../src/runtime/rate/retry-after.ts";

const nowMs = Date.parse("Wed, 21 Oct 2026 07:28:00 GMT");

test.each([
  ["7", 7_000],
  [" 7.5 ", 7_500],
  ["7200", 7_200_000],
  ["Wed, 21 Oct 2026 09:28:00 GMT", 7_200_000],
  ["Wed, 21 Oct 2026 07:00:00 GMT", 0],
  ["-5", 0],
  ["0", 0],
  ["soon", undefined],
  ["Infinity", undefined],
  ["", undefined],
  [null, undefined],
  [undefined, undefined],
])("Retry-After: %s asks for %s ms", (header, ms) => {
  expect(retryAfterMs(header, nowMs)).toBe(ms);
});
