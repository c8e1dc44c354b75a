import type { Author } from "../../domain/message.ts";
import type { TimeZone } from "../../domain/time-zone.ts";
import { isTimeZone } from "../../domain/time-zone.ts";
import { WallClock } from "./wall-clock.ts";

const dayMs = 24 * 3_600_000;

/** Writes times for one reader: "today 09:15", "Monday 09:15", "3 November, 09:15", "3 November 2025". */
export class ReaderTime {
  readonly #wallClock: WallClock;
  readonly #nowMs: number;
  /** Follows each time when the reader's zone is unknown: " UTC". */
  readonly #zone: string;

  constructor(nowMs: number, { timeZone }: Pick<Author, "timeZone">, fallback: TimeZone) {
    const isKnown = timeZone !== undefined && isTimeZone(timeZone);
    this.#wallClock = new WallClock(isKnown ? timeZone : fallback);
    this.#nowMs = nowMs;
    this.#zone = isKnown ? "" : ` ${fallback}`;
  }

  when(atMs: number): string {
    const { weekday, day, month, year, hour, minute } = this.#wallClock.partsOf(atMs);
    const time = `${hour}:${minute}${this.#zone}`;
    const date = this.#wallClock.day(atMs);
    if (date === this.#wallClock.day(this.#nowMs)) return `today ${time}`;
    if (date === this.#wallClock.day(this.#nowMs - dayMs)) return `yesterday ${time}`;
    const agoMs = this.#nowMs - atMs;
    if (agoMs > 0 && agoMs < 6 * dayMs) return `${weekday} ${time}`;
    const isThisYear = year === this.#wallClock.partsOf(this.#nowMs).year;
    return isThisYear ? `${day} ${month}, ${time}` : `${day} ${month} ${year}`;
  }

  /** "today 09:15–09:30", "from yesterday 23:50 to today 00:10" */
  between(fromMs: number, toMs: number): string {
    const from = this.when(fromMs);
    const to = this.when(toMs);
    const isOneDay = this.#wallClock.day(fromMs) === this.#wallClock.day(toMs);
    const [time] = /\d\d:\d\d.*$/u.exec(to) ?? [];
    if (!isOneDay) return `from ${from} to ${to}`;
    if (time === undefined) return `on ${from}`;
    return `${from.slice(0, from.length - this.#zone.length)}–${time}`;
  }
}
