import type { Post } from "../../../domain/post.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { PlannedWrite } from "../../../ports/platform-posts.ts";
import type { AnswerEnds, RateLimit, RateLimits } from "../../../ports/rate-limits.ts";
import { GrowthPace } from "../../../runtime/rate/growth-pace.ts";
import { ReplyBudget } from "../../../runtime/rate/reply-budget.ts";

/** Tiers 2 and 4; a few are left for clock differences. https://docs.slack.dev/apis/web-api/rate-limits */
const tier2 = { calls: 18, windowMs: 60_000 } as const;
const tier4 = { calls: 96, windowMs: 60_000, forGrowth: 72 } as const;

/** An append costs people nothing but itself, so a stream grows more smoothly than a post that is edited. */
const pauses = { firstMs: 50, everyMs: 500 } as const;
/** After a refusal by the plan, it is not asked for another start within this time. */
const fullForMs = 1_000;

/** Names a post of a running reply. */
type Part = Pick<Post, "turn" | "part">;

/**
 * Keeps streams within Slack's rate limits for a workspace. A stream starts only where a call is left for its end, which then
 * stays reserved; else the answer is an ordinary post.
 */
export class StreamPlan {
  readonly #budget: ReplyBudget;
  readonly #pace: GrowthPace;
  readonly #clock: Clock;
  readonly #starts: RateLimit;
  readonly #appends: RateLimit;
  readonly #stops: RateLimit;
  #fullUntilMs = 0;

  constructor(limits: RateLimits, clock: Clock, team: string) {
    this.#budget = new ReplyBudget(limits, clock);
    this.#pace = new GrowthPace(pauses, clock);
    this.#clock = clock;
    this.#starts = { name: `slack:${team}:chat.startStream`, ...tier2 };
    this.#appends = { name: `slack:${team}:chat.appendStream`, ...tier4 };
    this.#stops = { name: `slack:${team}:chat.stopStream`, ...tier2 };
  }

  /** Whether a stream may start now; that then counts. `lastsMs`: it ends by then. */
  async mayStart(stream: Part, lastsMs: number, signal: AbortSignal): Promise<boolean> {
    if (this.#clock.nowMs() < this.#fullUntilMs) return false;
    const end = { limit: this.#stops, answer: nameOf(stream), forMs: lastsMs };
    const may = await this.#budget.takeSpare(this.#starts, end, signal);
    if (!may) this.#fullUntilMs = this.#clock.nowMs() + fullForMs;
    return may;
  }

  /** What `mayStart` reserved for the end of a stream. One that did not begin needs it no longer. */
  reservationOf(stream: Part): Required<AnswerEnds>["releases"] {
    return { limit: this.#stops, answer: nameOf(stream) };
  }

  /** Resolves when the stream may grow, which then counts. */
  async whenGrowing(write: PlannedWrite, signal: AbortSignal): Promise<void> {
    await this.#pace.whenDue(write, signal);
    await this.#budget.whenEditable(this.#appends, write, signal);
  }

  /** The same for the last words of an answer whose stream can't be stopped yet. @throws {PlatformError} */
  async whenEnding({ turn, part }: Part, signal: AbortSignal): Promise<void> {
    await this.#budget.whenEditable(this.#appends, { turn, part, kind: "final" }, signal);
  }

  /** Resolves when the stream may be stopped. @throws {PlatformError} `rate-limited` if that takes more than 1.5 s. */
  async whenStoppable(stream: Part, signal: AbortSignal): Promise<void> {
    const write = { turn: stream.turn, part: stream.part, kind: "final" } as const;
    // A stream that is over grows no more, so that others may have its share.
    const releases = { limit: this.#appends, answer: stream.turn };
    await this.#budget.whenFree(this.#stops, write, signal, { closes: nameOf(stream), releases });
  }

  /** @throws as `call` */
  start<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#budget.spend(this.#starts, call, signal);
  }

  /** @throws as `call` */
  async append({ turn }: Part, call: () => Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await this.#budget.spend(this.#appends, call, signal);
    } finally {
      this.#pace.wrote(turn);
    }
  }

  /** @throws as `call` */
  stop<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#budget.spend(this.#stops, call, signal);
  }
}

function nameOf({ turn, part }: Part): string {
  return `${turn}/${part}`;
}
