import { expect, test } from "vitest";

import { ReaderTime } from "../../../src/conversation/text/reader-time.ts";

const now = Date.parse("2026-11-26T10:00:00Z");

test.each([
  ["2026-11-26T02:55:00Z", "today 03:55"],
  ["2026-11-25T23:30:00Z", "today 00:30"],
  ["2026-11-25T22:30:00Z", "yesterday 23:30"],
  ["2026-11-23T08:00:00Z", "Monday 09:00"],
  ["2026-11-20T08:00:00Z", "20 November, 09:00"],
  ["2025-12-31T22:00:00Z", "31 December 2025"],
  // It is deleted for good then.
  ["2026-11-27T09:00:00Z", "27 November, 10:00"],
])("in the reader's zone, %s is %s", (at, wanted) => {
  expect(new ReaderTime(now, { timeZone: "Europe/Berlin" }, "UTC").when(Date.parse(at))).toBe(wanted);
});

test.each([undefined, "Mars/Olympus"])("the zone is said where the reader's is not known: %s", (timeZone) => {
  const author = timeZone === undefined ? {} : { timeZone };
  const time = new ReaderTime(now, author, "America/New_York");
  expect(time.when(now)).toBe("today 05:00 America/New_York");
  expect(time.when(now - 400 * 86_400_000)).toBe("22 October 2025");
});
