const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
const month = new Intl.DateTimeFormat(undefined, { month: "long", year: "numeric" });

export const exactTime = (atMs) => exact.format(atMs);

/** Days from a time to today, in the reader's zone; 0: today. */
function daysAgo(atMs, nowMs) {
  return Math.round((new Date(nowMs).setHours(0, 0, 0, 0) - new Date(atMs).setHours(0, 0, 0, 0)) / dayMs);
}

/** "just now", "5 min ago" or "10:32"; the day is in the heading above. */
export function shortTime(atMs, nowMs) {
  const minutes = Math.floor((nowMs - atMs) / minuteMs);
  if (minutes >= 0 && minutes < 1) return "just now";
  return minutes > 0 && minutes < 60 ? `${minutes} min ago` : clock.format(atMs);
}

/** "Today", "Yesterday", "Monday", "4 May". */
export function dayName(atMs, nowMs = Date.now()) {
  const ago = daysAgo(atMs, nowMs);
  if (ago === 0) return "Today";
  if (ago === 1) return "Yesterday";
  if (ago > 1 && ago < 7) return weekday.format(atMs);
  const isThisYear = new Date(atMs).getFullYear() === new Date(nowMs).getFullYear();
  return (isThisYear ? day : dayOfYear).format(atMs);
}

/** The group of a conversation in the list. */
export function groupName(atMs, nowMs = Date.now()) {
  const ago = daysAgo(atMs, nowMs);
  if (ago <= 0) return "Today";
  if (ago === 1) return "Yesterday";
  if (ago < 7) return "Last 7 days";
  return ago < 30 ? "Last 30 days" : month.format(atMs);
}
