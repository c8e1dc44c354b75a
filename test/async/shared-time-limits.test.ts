import { expect, test } from "vitest";

import { SharedTimeLimits } from "../../src/async/shared-time-limits.ts";

test("calls that begin together share a signal, and later ones get another", async () => {
  const limits = new SharedTimeLimits(60_000);
  const first = limits.begin();
  expect(limits.begin()).toBe(first);
  await expect.poll(() => limits.begin()).not.toBe(first);
  expect(first.aborted).toBe(false);
});

test("each signal fires as AbortSignal.timeout does", async () => {
  const limits = new SharedTimeLimits(1);
  const first = limits.begin();
  await expect.poll(() => first.aborted).toBe(true);
  expect(first.reason).toMatchObject({ name: "TimeoutError" });
  await expect.poll(() => limits.begin()).not.toBe(first);
  const second = limits.begin();
  await expect.poll(() => second.aborted).toBe(true);
});
