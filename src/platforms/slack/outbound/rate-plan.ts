import type { Post } from "../../../domain/post.ts";
import type { RateLimit } from "../../../ports/rate-limits.ts";
import type { ReplyBudget } from "../../../runtime/rate/reply-budget.ts";

/** Tier 3 allows 50 a minute; two are left for clock differences. https://docs.slack.dev/apis/web-api/rate-limits */
const updates = { calls: 48, windowMs: 60_000, forGrowth: 20 } as const;
/** One post a second per channel; Slack tolerates short bursts. */
const posts = { calls: 1, windowMs: 1_050 } as const;

/**
 * Keeps replies within Slack's rate limits: posts per channel, updates per workspace. The first post and the end of an
 * answer have priority; updates of growing posts use what is left. Slack's limit of a few hundred posts a minute for a
 * whole workspace is handled by its 429 alone.
 */
export class SlackRatePlan {
  readonly #budget: ReplyBudget;
  readonly #team: string;
  readonly #updates: RateLimit;

  constructor(budget: ReplyBudget, team: string) {
    this.#budget = budget;
    this.#team = team;
    this.#updates = { name: `slack:${team}:chat.update`, ...updates };
  }

  /** Waits for the limit, then calls. @throws {PlatformError} */
  async create<T>(channel: string, post: Post, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const name = `slack:${this.#team}:chat.postMessage:${channel}`;
    const limit: RateLimit = { name, ...posts };
    await this.#budget.begin(this.#updates, post, signal);
    return this.#budget.create(limit, post, call, signal);
  }

  /** Waits for the limit, then calls; updates of a growing post may be skipped. @throws {PlatformError} */
  async edit<T>(post: Post, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#budget.edit(this.#updates, post, call, signal);
  }
}
