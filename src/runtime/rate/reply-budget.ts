import type { Clock } from "../../ports/clock.ts";
import { PlatformError, type Post } from "../../ports/platform.ts";
import type { RateLimit, RateLimits } from "../../ports/rate-limits.ts";
import { StoreError } from "../../ports/store-error.ts";

/** Longer waits are the caller's: they would hold a turn's slot. */
const longestWaitMs = 1_500;
const mostWordless = 10_000;

/**
 * Fits the writes of replies into what their platform takes. While the shared count can't be asked, everything may be
 * written: the platform itself still refuses what is too much.
 */
export class ReplyBudget {
  readonly #limits: RateLimits;
  readonly #clock: Clock;
  /** Answers that show no words of their own yet. */
  readonly #wordless = new Set<string>();

  constructor(limits: RateLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** A post that begins an answer keeps a call for the answer's end. */
  async begin(limit: RateLimit, post: Post, signal: AbortSignal): Promise<void> {
    if (post.state !== "writing") return;
    this.#wordless.add(post.turn);
    const [oldest] = this.#wordless;
    if (this.#wordless.size > mostWordless && oldest !== undefined) this.#wordless.delete(oldest);
    await orNothing(this.#limits.open(limit, post.turn, signal), signal);
  }

  /** Makes a post when its turn has come. @throws {PlatformError} `rate-limited` where that takes longer than a moment. */
  async create<T>(limit: RateLimit, post: Post, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#mustWrite(limit, post, signal);
    return this.#spend(limit, call, signal);
  }

  /**
   * Changes a post when its turn has come; the end of an answer, and a line that stands for it, come before growth.
   * @throws {PlatformError} `rate-limited` where that takes longer than a moment, or others need the calls that are left.
   */
  async edit<T>(limit: RateLimit, post: Post, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (post.state === "writing" && post.isLine !== true) await this.#mayGrow(limit, post, signal);
    else {
      this.#wordless.delete(post.turn);
      // From here on it has a reservation of its own.
      if (post.state === "done") await orNothing(this.#limits.close(limit, post.turn, signal), signal);
      await this.#mustWrite(limit, post, signal);
    }
    return this.#spend(limit, call, signal);
  }

  async #mustWrite(limit: RateLimit, { turn, part }: Post, signal: AbortSignal): Promise<void> {
    for (;;) {
      const waitMs = await orNothing(this.#limits.reserve(limit, `${turn}/${part}`, signal), signal);
      if (waitMs <= 0) return;
      if (waitMs > longestWaitMs) throw notYet(waitMs);
      await this.#clock.sleep(waitMs, signal);
    }
  }

  async #mayGrow(limit: RateLimit, { turn }: Post, signal: AbortSignal): Promise<void> {
    const growth = { answer: turn, isFirst: this.#wordless.has(turn) };
    const waitMs = await orNothing(this.#limits.reserveForGrowth(limit, growth, signal), signal);
    if (waitMs > 0) throw notYet(waitMs);
    this.#wordless.delete(turn);
  }

  /** Where the platform asks to slow down, none of the replicas calls before. */
  async #spend<T>(limit: RateLimit, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof PlatformError && error.kind === "rate-limited")
        await orNothing(this.#limits.pause(limit, error.retryAfterMs, signal), signal);
      throw error;
    }
  }
}

function notYet(retryAfterMs: number): PlatformError {
  return new PlatformError("rate-limited", "The platform's limit is used up for now", {
    retryAfterMs: Math.ceil(retryAfterMs),
  });
}

async function orNothing(asked: Promise<number>, signal: AbortSignal): Promise<number>;
async function orNothing(asked: Promise<void>, signal: AbortSignal): Promise<void>;
async function orNothing(asked: Promise<number | void>, signal: AbortSignal): Promise<number | void> {
  try {
    return await asked;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof StoreError)) throw error;
    return 0;
  }
}
