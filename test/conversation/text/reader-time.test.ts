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

test.each([undefined, "Mars/Olympus"])(
  "the zone is stated where the reader's is not known: %s",
  (timeZone) => {
    const author = timeZone === undefined ? {} : { timeZone };
    const time = new ReaderTime(now, author, "America/New_York");
    expect(time.when(now)).toBe("today 05:00 America/New_York");
    expect(time.when(now - 400 * 86_400_000)).toBe("22 October 2025");
  },
);

test.each([
  ["2026-11-26T02:55:00Z", "2026-11-26T03:10:00Z", "today 03:55–04:10"],
  ["2026-11-25T22:50:00Z", "2026-11-25T23:10:00Z", "from yesterday 23:50 to today 00:10"],
  ["2025-12-30T08:00:00Z", "2025-12-30T09:00:00Z", "on 30 December 2025"],
])("the time between %s and %s is %s", (from, to, wanted) => {
  const time = new ReaderTime(now, { timeZone: "Europe/Berlin" }, "UTC");
  expect(time.between(Date.parse(from), Date.parse(to))).toBe(wanted);
});

test("the zone of a time span is stated once", () => {
  const time = new ReaderTime(now, {}, "UTC");
  expect(time.between(now - 3_600_000, now)).toBe("today 09:00–10:00 UTC");
});
