import type { TimeZone } from "../../domain/time-zone.ts";
import { WallClock } from "../text/wall-clock.ts";

const hourMs = 3_600_000;
const units: Readonly<Record<string, number>> = { m: 60_000, h: hourMs, d: 24 * hourMs, w: 7 * 24 * hourMs };
const unitWords = /^(?:the )?last (\d{1,4}) (minute|hour|day|week)s?$/u;
const days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/**
 * A start time as people write it: "2h", "3d", "last 7 days", "today", "yesterday", "monday", "2026-11-20", each with or without
 * "since".
 */
export const sincePattern =
  /^(?:since\s+)?(?:\d{1,4}\s?[mhdw]|(?:the )?last \d{1,4} (?:minute|hour|day|week)s?|today|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d{4}-\d{2}-\d{2})$/iu;

/** The start time in ms; days begin at midnight in the zone. Undefined if the text is not a start time. */
export function parseSince(text: string, nowMs: number, timeZone: TimeZone): number | undefined {
  const word = text
    .trim()
    .toLowerCase()
    .replace(/^since\s+/u, "");
  const ago = /^(\d{1,4})\s?([mhdw])$/u.exec(word);
  if (ago !== null) return nowMs - Number(ago[1]) * (units[ago[2] ?? ""] ?? 0);
  const last = unitWords.exec(word);
  if (last !== null) return nowMs - Number(last[1]) * (units[last[2]?.charAt(0) ?? ""] ?? 0);
  const wallClock = new WallClock(timeZone);
  const noonMs = wallClock.midnightBefore(nowMs) + 12 * hourMs;
  // From noon, because days with a clock change are longer or shorter.
  const beginningOf = (daysAgo: number): number => wallClock.midnightBefore(noonMs - daysAgo * 24 * hourMs);
  if (word === "today") return beginningOf(0);
  if (word === "yesterday") return beginningOf(1);
  const day = days.indexOf(word);
  const today = days.findIndex((each) => wallClock.day(nowMs).toLowerCase().startsWith(each));
  if (day >= 0) return beginningOf((today - day + 7) % 7);
  const date = Date.parse(`${word}T12:00:00Z`);
  if (!/^\d{4}-\d{2}-\d{2}$/u.test(word) || Number.isNaN(date)) return undefined;
  return wallClock.midnightBefore(date - wallClock.offsetMs(date));
}
