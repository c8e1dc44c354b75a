import { LRUCache } from "lru-cache";

import type { TimeZone } from "../../domain/time-zone.ts";

const dayMs = 24 * 3_600_000;
/** Range of JavaScript's Date. */
const maxMs = 8.64e15;

type Parts = Readonly<
  Record<"weekday" | "day" | "month" | "year" | "hour" | "minute" | "timeZoneName", string>
>;

/** A formatter, and the parts that it gave last. A prompt has the same times as the one before it. */
interface Formatter {
  readonly format: Intl.DateTimeFormat;
  /** By the second, because there were offsets from UTC with seconds. */
  readonly parts: LRUCache<number, Parts>;
}

/** A formatter takes longer to make than to use. */
const formatters = new LRUCache<TimeZone, Formatter>({ max: 50 });
const maxPartsPerZone = 500;

/** Formats days and times of one time zone, in English. */
export class WallClock {
  readonly zone: TimeZone;
  readonly #formatter: Formatter;

  constructor(zone: TimeZone) {
    this.zone = zone;
    this.#formatter = formatters.get(zone) ?? formatterOf(zone);
    formatters.set(zone, this.#formatter);
  }

  /** "Thursday, 26 November 2026" */
  day(atMs: number): string {
    const { weekday, day, month, year } = this.partsOf(atMs);
    return `${weekday}, ${day} ${month} ${year}`;
  }

  /** "Thursday, 26 November 2026, 09:15" */
  moment(atMs: number): string {
    const { hour, minute } = this.partsOf(atMs);
    return `${this.day(atMs)}, ${hour}:${minute}`;
  }

  /** "2026-11-26" */
  isoDay(atMs: number): string {
    return this.isoMinute(atMs).slice(0, 10);
  }

  /** "2026-11-26 09:15" */
  isoMinute(atMs: number): string {
    return new Date(atMs + this.offsetMs(atMs)).toISOString().slice(0, 16).replace("T", " ");
  }

  /** "Europe/Berlin, UTC+01:00" */
  zoneAt(atMs: number): string {
    if (this.zone === "UTC") return this.zone;
    return `${this.zone}, ${this.partsOf(atMs).timeZoneName.replace("GMT", "UTC")}`;
  }

  /** Start of the local day that contains this time. */
  midnightBefore(atMs: number): number {
    const localMs = atMs + this.offsetMs(atMs);
    const midnightMs = localMs - (((localMs % dayMs) + dayMs) % dayMs);
    // Daylight saving may have changed since midnight.
    return midnightMs - this.offsetMs(midnightMs - this.offsetMs(atMs));
  }

  /** Offset from UTC. Positive east of Greenwich. */
  offsetMs(atMs: number): number {
    const [, sign, hours, minutes, seconds = 0] =
      /([+-])(\d\d):(\d\d)(?::(\d\d))?$/u.exec(this.partsOf(atMs).timeZoneName) ?? [];
    if (sign === undefined) return 0;
    const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
    return sign === "-" ? -ms : ms;
  }

  /** Formatted parts. Joined here because Node versions differ in the literals between them. */
  partsOf(atMs: number): Parts {
    const { format, parts: known } = this.#formatter;
    const second = Math.floor(Math.min(Math.max(atMs, -maxMs), maxMs) / 1_000);
    const before = known.get(second);
    if (before !== undefined) return before;
    const parts = format.formatToParts(second * 1_000);
    const of = (type: Intl.DateTimeFormatPartTypes): string =>
      parts.find((part) => part.type === type)?.value ?? "";
    const found = {
      weekday: of("weekday"),
      day: of("day"),
      month: of("month"),
      year: of("year"),
      hour: of("hour"),
      minute: of("minute"),
      timeZoneName: of("timeZoneName"),
    };
    known.set(second, found);
    return found;
  }
}

function formatterOf(timeZone: TimeZone): Formatter {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZoneName: "longOffset",
  });
  return { format, parts: new LRUCache({ max: maxPartsPerZone }) };
}
