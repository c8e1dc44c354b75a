import type { TurnId } from "../../domain/message.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PlannedWrite } from "../../ports/platform-posts.ts";
import { growingCache } from "../growing-cache.ts";

/** How fast people should see an answer grow. */
export interface GrowthPauses {
  /** Before the first words. The first piece is half a word; a moment later there is something to read. */
  readonly firstMs: number;
  /** Between two writes of a growing answer. */
  readonly everyMs: number;
}

const maxAnswers = 10_000;

/** Spaces the writes of each growing answer. One process writes an answer at a time, so the pace needs no shared count. */
export class GrowthPace {
  readonly #pauses: GrowthPauses;
  readonly #clock: Clock;
  /** The end of the last write of each answer. */
  readonly #wroteAtMs = growingCache<number>(maxAnswers);

  constructor(pauses: GrowthPauses, clock: Clock) {
    this.#pauses = pauses;
    this.#clock = clock;
  }

  /** Resolves when the answer may grow. A final write never waits. */
  async whenDue({ turn, kind }: PlannedWrite, signal: AbortSignal): Promise<void> {
    const waitMs = kind === "growth" ? this.#untilNextMs(turn) : this.#pauses.firstMs;
    if (kind !== "final" && waitMs > 0) await this.#clock.sleep(waitMs, signal);
  }

  /** A write of the answer has ended, well or badly. */
  wrote(turn: TurnId): void {
    this.#wroteAtMs.set(turn, this.#clock.nowMs());
  }

  #untilNextMs(turn: TurnId): number {
    const wroteAtMs = this.#wroteAtMs.get(turn);
    return wroteAtMs === undefined ? 0 : wroteAtMs + this.#pauses.everyMs - this.#clock.nowMs();
  }
}
