import { describe, expect, test } from "vitest";

import { parseSince, sincePattern } from "../../../src/conversation/command/parse-since.ts";
import { suggestSince } from "../../../src/conversation/command/suggest-since.ts";

const nowMs = Date.parse("2026-11-28T12:00:00Z");

describe("start times are suggested for", () => {
  test.each([
    ["nothing", "", ["today", "yesterday", "last 2 hours"]],
    ["a beginning", " Mon", ["since Monday"]],
    ["a number", "3", ["last 3 hours", "last 3 days", "last 3 weeks", "last 30 days"]],
    ["a span", "3d", ["3d"]],
    ["a span in words", "the last 5 weeks", ["the last 5 weeks"]],
    ["a number in words", "last 5", ["last 5 hours", "last 5 days", "last 5 weeks"]],
    ["a month", "2026-11-2", ["2026-11-28", "2026-11-27"]],
    ["a date", "2026-07-01", ["2026-07-01"]],
    ["no date", "2026-99-99", []],
    ["another language", "gestern", []],
    ["a long text", "today ".repeat(100), []],
  ])("%s", (_, typed, first) => {
    const suggested = suggestSince(typed, nowMs);
    expect(suggested.slice(0, Math.max(first.length, 1))).toEqual(first);
    expect(suggested.length).toBeLessThanOrEqual(25);
    for (const each of suggested) {
      expect([each, sincePattern.test(each)]).toEqual([each, true]);
      expect(parseSince(each, nowMs, "Europe/Berlin")).toBeLessThanOrEqual(nowMs);
    }
  });
});
