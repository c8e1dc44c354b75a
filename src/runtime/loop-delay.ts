import { monitorEventLoopDelay } from "node:perf_hooks";

import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";

const sampleEveryMs = 5_000;
const resolutionMs = 20;
/** People notice longer delays, and a liveness probe may fail. */
const slowMs = 200;
/** A slow moment is reported for this long. Without another one, all is fine again. */
const fineAfterMs = 60_000;
const nsPerMs = 1_000_000;

/** Delay of the event loop. */
export interface Lateness {
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Measures the delay of the event loop. Logs when it becomes slow, and when it was fine for a minute. */
export class LoopDelay implements Disposable {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  #timer: NodeJS.Timeout | undefined;
  #samples: readonly { readonly atMs: number; readonly late: Lateness }[] = [];
  #slowAtMs: number | undefined;

  constructor({ log, clock }: { readonly log: Log; readonly clock: Clock }) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Call it when the program is ready, because starting blocks the loop. */
  start(): void {
    this.#histogram.enable();
    this.#timer = setInterval(() => this.sample(), sampleEveryMs).unref();
  }

  /** The worst delay of the last minute. */
  get lateness(): Lateness {
    const all = [...this.#samples.map(({ late }) => late), this.#read()];
    return {
      p99Ms: Math.max(...all.map(({ p99Ms }) => p99Ms)),
      maxMs: Math.max(...all.map(({ maxMs }) => maxMs)),
    };
  }

  /** Returns the delay since the last sample. */
  sample(): Lateness {
    const nowMs = this.#clock.nowMs();
    const late = this.#read();
    this.#histogram.reset();
    this.#samples = [...this.#samples, { atMs: nowMs, late }].filter(
      ({ atMs }) => nowMs - atMs < fineAfterMs,
    );
    if (late.maxMs >= slowMs) {
      if (this.#slowAtMs === undefined)
        this.#log.warn({ ...late }, "the event loop is slow; the machine may be overloaded");
      this.#slowAtMs = nowMs;
    } else if (this.#slowAtMs !== undefined && nowMs - this.#slowAtMs >= fineAfterMs) {
      this.#slowAtMs = undefined;
      this.#log.info({ ...late }, "the event loop is fine again");
    }
    return late;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#histogram.disable();
  }

  #read(): Lateness {
    return { p99Ms: lateMs(this.#histogram.percentile(99)), maxMs: lateMs(this.#histogram.max) };
  }
}

/** The histogram measures the interval between samples; the regular interval is not delay. */
function lateMs(ns: number): number {
  return Math.max(0, Math.round(ns / nsPerMs - resolutionMs));
}
