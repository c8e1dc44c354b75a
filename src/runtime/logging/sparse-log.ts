import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";

/**
 * Logs each kind of event at most once a minute, however often strangers cause it. The next line counts the omitted ones. Kinds
 * come from the code, never from a caller, so memory is bounded.
 */
export class SparseLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #everyMs: number;
  readonly #kinds = new Map<string, { atMs: number; leftOut: number }>();

  constructor({ log, clock }: { readonly log: Log; readonly clock: Clock }, everyMs = 60_000) {
    this.#log = log;
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  warn(kind: string, facts: Readonly<Record<string, unknown>>, message: string): void {
    this.#say("warn", kind, facts, message);
  }

  info(kind: string, facts: Readonly<Record<string, unknown>>, message: string): void {
    this.#say("info", kind, facts, message);
  }

  #say(
    level: "warn" | "info",
    kind: string,
    facts: Readonly<Record<string, unknown>>,
    message: string,
  ): void {
    const nowMs = this.#clock.nowMs();
    const last = this.#kinds.get(kind);
    if (last !== undefined && nowMs - last.atMs < this.#everyMs) {
      last.leftOut += 1;
      return;
    }
    const { leftOut = 0 } = last ?? {};
    this.#kinds.set(kind, { atMs: nowMs, leftOut: 0 });
    this.#log[level]({ ...facts, cause: kind, ...(leftOut === 0 ? {} : { leftOut }) }, message);
  }
}
