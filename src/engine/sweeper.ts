import type { Clock } from "../ports/clock.ts";
import type { Inbox } from "../ports/inbox.ts";
import type { Log } from "../ports/log.ts";
import type { TurnScheduler } from "../ports/turn-scheduler.ts";
import { FaultLog } from "./fault-log.ts";

const dayMs = 86_400_000;

/**
 * Schedules every conversation with a waiting inbox entry, at once and then every `everyMs`. Any lost schedule is
 * made up for within that time.
 */
export class Sweeper implements AsyncDisposable {
  readonly #ports: {
    readonly inbox: Inbox;
    readonly scheduler: TurnScheduler;
    readonly clock: Clock;
    readonly log: Log;
  };
  readonly #everyMs: number;
  readonly #faults: FaultLog;
  readonly #closing = new AbortController();
  #pause = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(
    ports: {
      readonly inbox: Inbox;
      readonly scheduler: TurnScheduler;
      readonly clock: Clock;
      readonly log: Log;
    },
    everyMs: number,
  ) {
    this.#ports = ports;
    this.#faults = new FaultLog(ports.log, "sweep failed; it is repeated in a few seconds");
    this.#everyMs = everyMs;
  }

  start(): void {
    this.#loop = this.#sweepRepeatedly(this.#closing.signal);
  }

  /** Sweeps without waiting for the next time. */
  readonly sweepSoon = (): void => this.#pause.abort();

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#pause.abort();
    await this.#loop;
  }

  async #sweepRepeatedly(signal: AbortSignal): Promise<void> {
    const { clock } = this.#ports;
    while (!signal.aborted) {
      this.#pause = new AbortController();
      try {
        await this.#sweep(signal);
        this.#faults.noteSuccess();
      } catch (error) {
        if (!signal.aborted) this.#faults.logFailure(error);
      }
      if (!signal.aborted) await clock.sleep(this.#everyMs, this.#pause.signal).catch(() => undefined);
    }
  }

  async #sweep(signal: AbortSignal): Promise<void> {
    const { inbox, scheduler, clock } = this.#ports;
    for (const conversation of await inbox.due(clock.nowMs(), signal))
      await scheduler.schedule(conversation, signal);
    await inbox.dropDedupeMarks(clock.nowMs() - dayMs, signal);
  }
}
