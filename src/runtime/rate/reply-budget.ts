import type { Clock } from "../../ports/clock.ts";
import { PlatformError } from "../../ports/platform-error.ts";
import type { Post } from "../../domain/post.ts";
import type { RateLimit, RateLimits } from "../../ports/rate-limits.ts";
import { StoreError } from "../../ports/store-error.ts";

/** Longer waits are left to the caller, because they would block a turn's slot. */
const maxWaitMs = 1_500;
const maxWordless = 10_000;

/**
 * Keeps the writes of replies within their platform's rate limits. While the shared count is unavailable, everything may be
 * written; the platform itself still rejects what is too much.
 */
export class ReplyBudget {
  readonly #limits: RateLimits;
  readonly #clock: Clock;
  /** Answers without visible words yet. */
  readonly #wordless = new Set<string>();

  constructor(limits: RateLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Reserves a call for the end of the answer that this post begins. */
  async begin(limit: RateLimit, post: Post, signal: AbortSignal): Promise<void> {
    if (post.state !== "writing") return;
    this.#wordless.add(post.turn);
    const [oldest] = this.#wordless;
    if (this.#wordless.size > maxWordless && oldest !== undefined) this.#wordless.delete(oldest);
    await ignoreOutage(this.#limits.open(limit, post.turn, signal), signal);
  }

  /** Creates a post when the limit allows it. @throws {PlatformError} `rate-limited` for waits above 1.5 s. */
  async create<T>(limit: RateLimit, post: Post, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#mustWrite(limit, post, signal);
    return this.#spend(limit, call, signal);
  }

  /**
   * Edits a post when the limit allows it. The end of an answer, and a placeholder line, precede growth.
   * @throws {PlatformError} `rate-limited` for waits above 1.5 s, or when the remaining calls are reserved.
   */
  async edit<T>(limit: RateLimit, post: Post, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (post.state === "writing" && post.isLine !== true) await this.#mayGrow(limit, post, signal);
    else {
      this.#wordless.delete(post.turn);
      // The end has its own reservation from here on.
      if (post.state === "done") await ignoreOutage(this.#limits.close(limit, post.turn, signal), signal);
      await this.#mustWrite(limit, post, signal);
    }
    return this.#spend(limit, call, signal);
  }

  async #mustWrite(limit: RateLimit, { turn, part }: Post, signal: AbortSignal): Promise<void> {
    for (;;) {
      const waitMs = await ignoreOutage(this.#limits.reserve(limit, `${turn}/${part}`, signal), signal);
      if (waitMs <= 0) return;
      if (waitMs > maxWaitMs) throw notYet(waitMs);
      await this.#clock.sleep(waitMs, signal);
    }
  }

  async #mayGrow(limit: RateLimit, { turn }: Post, signal: AbortSignal): Promise<void> {
    const growth = { answer: turn, isFirst: this.#wordless.has(turn) };
    const waitMs = await ignoreOutage(this.#limits.reserveForGrowth(limit, growth, signal), signal);
    if (waitMs > 0) throw notYet(waitMs);
    this.#wordless.delete(turn);
  }

  /** When the platform asks to slow down, all replicas wait. */
  async #spend<T>(limit: RateLimit, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof PlatformError && error.kind === "rate-limited")
        await ignoreOutage(this.#limits.pause(limit, error.retryAfterMs, signal), signal);
      throw error;
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
