const hourMs = 3_600_000;
const units: Readonly<Record<string, number>> = { m: 60_000, h: hourMs, d: 24 * hourMs, w: 7 * 24 * hourMs };
const days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

/** How a person writes since when: "2h", "3d", "today", "yesterday", "monday", "2026-11-20"; "since" may stand before it. */
export const momentPattern =
  /^(?:since\s+)?(?:\d{1,4}\s?[mhdw]|today|yesterday|(?:mon|tues|wednes|thurs|fri|satur|sun)day|\d{4}-\d{2}-\d{2})$/iu;

/** The beginning of that time, in UTC. Undefined for what is no such moment. */
export function momentFrom(text: string, nowMs: number): number | undefined {
  const word = text
    .trim()
    .toLowerCase()
    .replace(/^since\s+/u, "");
  const midnightMs = new Date(nowMs).setUTCHours(0, 0, 0, 0);
  const ago = /^(\d{1,4})\s?([mhdw])$/u.exec(word);
  if (ago !== null) return nowMs - Number(ago[1]) * (units[ago[2] ?? ""] ?? 0);
  if (word === "today") return midnightMs;
  if (word === "yesterday") return midnightMs - 24 * hourMs;
  const day = days.indexOf(word);
  if (day >= 0) return midnightMs - ((new Date(nowMs).getUTCDay() - day + 7) % 7) * 24 * hourMs;
  const date = Date.parse(`${word}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/u.test(word) && !Number.isNaN(date) ? date : undefined;
}
