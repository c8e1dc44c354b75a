import { asText } from "../wire/json-object.ts";

/** The limit of JavaScript's Date. */
const maxMs = 8.64e15;
/** A time of day, a year, or the name of a month. */
const looksDated = /\d:\d\d|\d{4}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/iu;

/** "2026-11-18 11:06 UTC". Empty for anything but a time. */
export function utcTime(seconds: unknown): string {
  const ms = Number(asText(seconds)) * 1_000;
  return ms > 0 && ms <= maxMs ? `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC` : "";
}

/**
 * A time that Slack shows to each reader in their own zone: the fallback text if it contains a date or time, else UTC.
 * A relative fallback ("5 min ago") was true only when it was written.
 */
export function shownTime(seconds: unknown, fallback: string): string {
  return looksDated.test(fallback) ? fallback : utcTime(seconds) || fallback;
}
