import type { TimeZone } from "../domain/time-zone.ts";

/** What JavaScript's dates reach. */
const mostMs = 8.64e15;

/** Days and times as a clock on a wall of one time zone shows them: in English, for the model. */
export class WallClock {
  readonly zone: TimeZone;
  readonly #format: Intl.DateTimeFormat;

  constructor(zone: TimeZone) {
    this.zone = zone;
    this.#format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
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

  /** The parts are put together here: what stands between them differs from one version of Node to the next. */
  partsOf(
    atMs: number,
  ): Record<"weekday" | "day" | "month" | "year" | "hour" | "minute" | "timeZoneName", string> {
    const parts = this.#format.formatToParts(Math.min(Math.max(atMs, -mostMs), mostMs));
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
