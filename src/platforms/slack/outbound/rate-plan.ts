import type { Post } from "../../../ports/platform.ts";
import type { RateLimit } from "../../../ports/rate-limits.ts";
import type { ReplyBudget } from "../../../runtime/rate/reply-budget.ts";

/** https://docs.slack.dev/apis/web-api/rate-limits: fifty a minute in tier 3; two are left for clocks that differ. */
const updates = { calls: 48, windowMs: 60_000, forGrowth: 20 } as const;
/** One a second for each channel; Slack takes some more for a while. */
const posts = { calls: 1, windowMs: 1_050 } as const;

/**
 * What Slack takes of replies: posts by channel, updates by workspace. The first post and the end of an answer must be
 * written; what grows in between takes what is left. Slack's limit of some hundred posts a minute for a whole workspace
 * is left to its 429.
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

  /** Calls when the post may be made. @throws {PlatformError} */
  async create<T>(channel: string, post: Post, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const name = `slack:${this.#team}:chat.postMessage:${channel}`;
    const limit: RateLimit = { name, ...posts };
    await this.#budget.begin(this.#updates, post, signal);
    return this.#budget.create(limit, post, call, signal);
  }

  /** Calls when the post may be changed. @throws {PlatformError} */
  async edit<T>(post: Post, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#budget.edit(this.#updates, post, call, signal);
  }
}
