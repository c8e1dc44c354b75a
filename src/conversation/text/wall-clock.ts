import { LRUCache } from "lru-cache";

import type { TimeZone } from "../../domain/time-zone.ts";

const dayMs = 24 * 3_600_000;
/** Range of JavaScript's Date. */
const maxMs = 8.64e15;

/** A formatter takes longer to make than to use. */
const formats = new LRUCache<TimeZone, Intl.DateTimeFormat>({ max: 50 });

/** Formats days and times of one time zone, in English. */
export class WallClock {
  readonly zone: TimeZone;
  readonly #format: Intl.DateTimeFormat;

  constructor(zone: TimeZone) {
    this.zone = zone;
    this.#format = formats.get(zone) ?? formatOf(zone);
    formats.set(zone, this.#format);
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
  partsOf(
    atMs: number,
  ): Record<"weekday" | "day" | "month" | "year" | "hour" | "minute" | "timeZoneName", string> {
    const parts = this.#format.formatToParts(Math.min(Math.max(atMs, -maxMs), maxMs));
    const of = (type: Intl.DateTimeFormatPartTypes): string =>
      parts.find((part) => part.type === type)?.value ?? "";
    return {
      weekday: of("weekday"),
      day: of("day"),
      month: of("month"),
      year: of("year"),
      hour: of("hour"),
      minute: of("minute"),
      timeZoneName: of("timeZoneName"),
    };
  }
}

function formatOf(timeZone: TimeZone): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-GB", {
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
}
