import { textIn } from "../wire/loose.ts";

/** What JavaScript's dates reach. */
const mostMs = 8.64e15;
/** A clock's time, a year, or a month by its name. */
const looksDated = /\d:\d\d|\d{4}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/iu;

/** "2026-11-18 11:06 UTC". Empty for what is no time. */
export function utcTime(seconds: unknown): string {
  const ms = Number(textIn(seconds)) * 1_000;
  return ms > 0 && ms <= mostMs ? `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC` : "";
}

/**
 * A time that each reader sees in their own zone. What stands in its place for clients that can't do that is kept where it
 * tells a date too: "5 min ago" was true once.
 */
export function shownTime(seconds: unknown, inItsPlace: string): string {
  return looksDated.test(inItsPlace) ? inItsPlace : utcTime(seconds) || inItsPlace;
}
