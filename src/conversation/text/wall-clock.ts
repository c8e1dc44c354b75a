import type { TimeZone } from "../../domain/time-zone.ts";

const dayMs = 24 * 3_600_000;
/** What JavaScript's dates reach. */
const maxMs = 8.64e15;

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

  /** When the day began in which it is. */
  midnightBefore(atMs: number): number {
    const localMs = atMs + this.offsetMs(atMs);
    const midnightMs = localMs - (((localMs % dayMs) + dayMs) % dayMs);
    // The clock may have been changed since.
    return midnightMs - this.offsetMs(midnightMs - this.offsetMs(atMs));
  }

  /** How far its clock is ahead of UTC. */
  offsetMs(atMs: number): number {
    const [, sign, hours, minutes, seconds = 0] =
      /([+-])(\d\d):(\d\d)(?::(\d\d))?$/u.exec(this.partsOf(atMs).timeZoneName) ?? [];
    if (sign === undefined) return 0;
    const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
    return sign === "-" ? -ms : ms;
  }

  /** The parts are put together here: what stands between them differs from one version of Node to the next. */
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
