import type { Post } from "../../../domain/post.ts";
import type { ReplyAddress } from "../../../domain/reply-address.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { PlannedWrite } from "../../../ports/platform-posts.ts";
import type { AnswerEnds, RateLimit, RateLimits } from "../../../ports/rate-limits.ts";
import { GrowthPace } from "../../../runtime/rate/growth-pace.ts";
import { ReplyBudget } from "../../../runtime/rate/reply-budget.ts";
import { targetOf } from "../wire/reply-target.ts";

/** Tier 3 allows 50 a minute; two are left for clock differences. https://docs.slack.dev/apis/web-api/rate-limits */
const updates = { calls: 48, windowMs: 60_000, forGrowth: 20 } as const;
/** One post a second per channel; Slack tolerates short bursts. */
const posts = { calls: 1, windowMs: 1_050, isCountedLate: true } as const;
const pauses = { firstMs: 100, everyMs: 1_200 } as const;

/**
 * Keeps replies within Slack's rate limits: posts per channel, updates per workspace. The first post and the end of an
 * answer have priority; updates of growing posts use what is left. Slack's limit of a few hundred posts a minute for a
 * whole workspace is handled by its 429 alone.
 */
export class SlackRatePlan {
  readonly #budget: ReplyBudget;
  readonly #pace: GrowthPace;
  readonly #team: string;
  readonly #updates: RateLimit;

  constructor(limits: RateLimits, clock: Clock, team: string) {
    this.#budget = new ReplyBudget(limits, clock);
    this.#pace = new GrowthPace(pauses, clock);
    this.#team = team;
    this.#updates = { name: `slack:${team}:chat.update`, ...updates };
  }

  /** `more`: what a new post ends besides. @throws as ReplyBudget does */
  async whenWritable(
    to: ReplyAddress,
    write: PlannedWrite,
    signal: AbortSignal,
    more: Pick<AnswerEnds, "releases"> = {},
  ): Promise<void> {
    const { id, kind, turn } = write;
    // A reply's first post precedes its words: people see at once that they were heard.
    if (id !== undefined || kind !== "first") await this.#pace.whenDue(write, signal);
    if (id !== undefined) return this.#budget.whenEditable(this.#updates, write, signal);
    const ends = kind === "final" ? {} : { opens: { limit: this.#updates, answer: turn } };
    await this.#budget.whenFree(this.#postsIn(targetOf(to).channel), write, signal, { ...ends, ...more });
  }

  /** Resolves when a post that was not planned as an update may be updated. @throws as `whenWritable` */
  async whenUpdatable({ turn, part }: Post, signal: AbortSignal): Promise<void> {
    await this.#budget.whenFree(this.#updates, { turn, part, kind: "final" }, signal);
  }

  /** @throws {PlatformError} */
  async create<T>(channel: string, post: Post, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#spend(this.#postsIn(channel), post, call, signal);
  }

  /** @throws {PlatformError} */
  async edit<T>(post: Post, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#spend(this.#updates, post, call, signal);
  }

  async #spend<T>(limit: RateLimit, { turn }: Post, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await this.#budget.spend(limit, call, signal);
    } finally {
      this.#pace.wrote(turn);
    }
  }

  #postsIn(channel: string): RateLimit {
    return { name: `slack:${this.#team}:chat.postMessage:${channel}`, ...posts };
  }
}
