import { expect, test } from "vitest";

import { median, percentile, spread } from "../../bench/compare/figures.ts";

test("a percentile is a value that was measured, whatever the order", () => {
  const values = [30, 10, 20, 40];
  expect([0, 0.25, 0.5, 0.51, 0.99, 1].map((share) => percentile(values, share))).toEqual([
    10, 10, 20, 30, 40, 40,
  ]);
  // Times are compared as numbers, not as texts.
  expect(percentile([9, 100, 10], 1)).toBe(100);
  expect(percentile([], 0.5)).toBe(0);
});

test("the median of an even number of values lies between the two in the middle", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([10, 9, 100, 1])).toBe(9.5);
  expect(median([])).toBe(0);
});

test("the spread is told as a part of the median", () => {
  expect(spread([90, 100, 120])).toBeCloseTo(0.3);
  expect(spread([])).toBe(0);
});
