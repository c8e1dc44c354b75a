import { monitorEventLoopDelay } from "node:perf_hooks";

import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";

const lookEveryMs = 5_000;
const sampleEveryMs = 20;
/** Beyond it, people notice, and a liveness probe may give up. */
const slowMs = 200;
/** How long a slow moment is shown. So long without another one is fine again. */
const fineAfterMs = 60_000;
const nsPerMs = 1_000_000;

/** How late the event loop was, in ms. */
export interface Lateness {
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Watches how late the event loop is. Logs when it becomes slow, and when it has been fine again for a minute. */
export class LoopDelay implements Disposable {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #histogram = monitorEventLoopDelay({ resolution: sampleEveryMs });
  #looking: NodeJS.Timeout | undefined;
  #looks: readonly { readonly atMs: number; readonly late: Lateness }[] = [];
  #slowAtMs: number | undefined;

  constructor({ log, clock }: { readonly log: Log; readonly clock: Clock }) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Once the program is ready: starting takes its time, and that is no news. */
  start(): void {
    this.#histogram.enable();
    this.#looking = setInterval(() => this.look(), lookEveryMs).unref();
  }

  /** The worst of the last minute: a caller who asks every half a minute sees each stop. */
  get lateness(): Lateness {
    const all = [...this.#looks.map(({ late }) => late), this.#read()];
    return {
      p99Ms: Math.max(...all.map(({ p99Ms }) => p99Ms)),
      maxMs: Math.max(...all.map(({ maxMs }) => maxMs)),
    };
  }

  /** Gives how late it was since the last look. */
  look(): Lateness {
    const nowMs = this.#clock.nowMs();
    const late = this.#read();
    this.#histogram.reset();
    this.#looks = [...this.#looks, { atMs: nowMs, late }].filter(({ atMs }) => nowMs - atMs < fineAfterMs);
    if (late.maxMs >= slowMs) {
      if (this.#slowAtMs === undefined) this.#log.warn({ ...late }, "the event loop is slow");
      this.#slowAtMs = nowMs;
    } else if (this.#slowAtMs !== undefined && nowMs - this.#slowAtMs >= fineAfterMs) {
      this.#slowAtMs = undefined;
      this.#log.info({ ...late }, "the event loop is fine again");
    }
    return late;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#looking);
    this.#histogram.disable();
  }

  #read(): Lateness {
    return { p99Ms: lateMs(this.#histogram.percentile(99)), maxMs: lateMs(this.#histogram.max) };
  }
}

/** A sample comes a full interval after the one before it, and that much of it is no delay. */
function lateMs(ns: number): number {
  return Math.max(0, Math.round(ns / nsPerMs - sampleEveryMs));
}
