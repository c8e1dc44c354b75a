import { parseSince } from "./parse-since.ts";

const usual: readonly string[] = [
  "today",
  "yesterday",
  "last 2 hours",
  "last 24 hours",
  "last 7 days",
  "last 30 days",
  "since Monday",
  "since Tuesday",
  "since Wednesday",
  "since Thursday",
  "since Friday",
  "since Saturday",
  "since Sunday",
];
const dayMs = 24 * 3_600_000;
const maxDates = 14;
/** No start time is longer. */
const maxTypedChars = 40;

/** Start times that `parseSince` takes, for what a person has typed so far; the most likely first. Empty: nothing fits. */
export function suggestSince(given: string, nowMs: number): readonly string[] {
  if (given.length > maxTypedChars) return [];
  const typed = given.trim();
  const lower = typed.toLowerCase();
  const known = usual.filter((each) => each.toLowerCase().includes(lower));
  const all = [...whole(typed, nowMs), ...spans(lower), ...dates(lower, nowMs), ...known];
  return [...new Set(all)];
}

/** What is typed, once it is a start time. */
function whole(typed: string, nowMs: number): readonly string[] {
  return parseSince(typed, nowMs, "UTC") === undefined ? [] : [typed];
}

function spans(lower: string): readonly string[] {
  const number = /^(?:since |(?:the )?last )?(\d{1,4})$/u.exec(lower)?.[1];
  return number === undefined ? [] : ["hours", "days", "weeks"].map((unit) => `last ${number} ${unit}`);
}

/** Recent days by their date. */
function dates(lower: string, nowMs: number): readonly string[] {
  if (!/^\d{4}/u.test(lower)) return [];
  const recent = Array.from({ length: maxDates }, (_, ago) => dateOf(nowMs - ago * dayMs));
  return recent.filter((date) => date.startsWith(lower));
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
