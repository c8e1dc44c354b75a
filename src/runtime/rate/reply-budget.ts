import type { TurnId } from "../../domain/message.ts";
import type { Clock } from "../../ports/clock.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import type { PlannedWrite } from "../../ports/platform-posts.ts";
import type { AnswerEnds, KeptEnd, RateLimit, RateLimits } from "../../ports/rate-limits.ts";
import { StoreError } from "../../ports/store-error.ts";

/** Longer waits are left to the caller, because they would block a turn's slot. */
const maxWaitMs = 1_500;

/**
 * Keeps the writes of replies within their platform's rate limits. While the shared count is unavailable, everything may be
 * written; the platform itself still rejects what is too much.
 */
export class ReplyBudget {
  readonly #limits: RateLimits;
  readonly #clock: Clock;

  constructor(limits: RateLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Reserves a call for the end of an answer. */
  async begin(limit: RateLimit, turn: TurnId, signal: AbortSignal): Promise<void> {
    await ignoreOutage(this.#limits.open(limit, turn, signal), signal);
  }

  /** See RateLimits. False while the shared count is unavailable. */
  async takeSpare(limit: RateLimit, end: KeptEnd, signal: AbortSignal): Promise<boolean> {
    const taken = this.#limits.takeSpare(limit, end, signal).then(Number);
    return (await ignoreOutage(taken, signal)) === 1;
  }

  /**
   * Resolves when the limit allows the write, which then counts. Growth waits for as long as it takes. `ends`: what the
   * write begins or ends. @throws {PlatformError} `rate-limited` if another write would have to wait for more than 1.5 s.
   */
  async whenFree(
    limit: RateLimit,
    write: PlannedWrite,
    signal: AbortSignal,
    ends: AnswerEnds = {},
  ): Promise<void> {
    const { turn, part, kind } = write;
    const patienceMs = kind === "growth" ? Infinity : maxWaitMs;
    for (;;) {
      const asked = this.#limits.reserve(limit, `${turn}/${part}`, signal, ends);
      const waitMs = await ignoreOutage(asked, signal);
      if (waitMs <= 0) return;
      if (waitMs > patienceMs) throw notYet(waitMs);
      await this.#clock.sleep(waitMs, signal);
    }
  }

  /**
   * The same for an edit. A final one comes before growth, which leaves a call for the end of each answer, and first words
   * before other growth. @throws as `whenFree`
   */
  async whenEditable(limit: RateLimit, write: PlannedWrite, signal: AbortSignal): Promise<void> {
    if (write.kind !== "final") return this.#whenSpare(limit, write, signal);
    // The end has its own reservation from here on.
    await this.whenFree(limit, write, signal, { closes: write.turn });
  }

  /** Calls the platform. When it asks to slow down, all replicas wait. */
  async spend<T>(limit: RateLimit, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof PlatformError && error.kind === "rate-limited")
        await ignoreOutage(this.#limits.pause(limit, error.retryAfterMs, signal), signal);
      throw error;
    }
  }

  async #whenSpare(limit: RateLimit, { turn, kind }: PlannedWrite, signal: AbortSignal): Promise<void> {
    const growth = { answer: turn, isFirst: kind === "first" };
    for (;;) {
      const waitMs = await ignoreOutage(this.#limits.reserveForGrowth(limit, growth, signal), signal);
      if (waitMs <= 0) return;
      await this.#clock.sleep(waitMs, signal);
    }
  }
}

function notYet(retryAfterMs: number): PlatformError {
  return new PlatformError("rate-limited", "The platform's rate limit is exhausted", {
    retryAfterMs: Math.ceil(retryAfterMs),
  });
}

async function ignoreOutage(asked: Promise<number>, signal: AbortSignal): Promise<number>;
async function ignoreOutage(asked: Promise<void>, signal: AbortSignal): Promise<void>;
async function ignoreOutage(asked: Promise<number | void>, signal: AbortSignal): Promise<number | void> {
  try {
    return await asked;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof StoreError)) throw error;
    return 0;
  }
}
