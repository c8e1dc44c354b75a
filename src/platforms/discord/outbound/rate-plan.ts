import type { Post } from "../../../domain/post.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { PlatformPosts } from "../../../ports/platform-posts.ts";
import type { RateLimit, RateLimits } from "../../../ports/rate-limits.ts";
import { GrowthPace } from "../../../runtime/rate/growth-pace.ts";
import { ReplyBudget } from "../../../runtime/rate/reply-budget.ts";
import { parsePostId } from "../wire/post-id.ts";

/** Discord accepts about one write a second per channel. */
const pauses = { firstMs: 100, everyMs: 1_200 } as const;

/**
 * Discord's limit for edits per channel, commonly five in five seconds. discord.js waits for the actual limit, but
 * first come, first served: the end of an answer would wait behind growing posts. It alone limits new posts.
 */
function editsIn(channel: string): RateLimit {
  return { name: `discord:edits:${channel}`, calls: 5, windowMs: 5_000, forGrowth: 4 };
}

/** Keeps growing replies at a readable pace and within Discord's rate limit for edits. */
export class DiscordRatePlan {
  readonly #budget: ReplyBudget;
  readonly #pace: GrowthPace;

  constructor(limits: RateLimits, clock: Clock) {
    this.#budget = new ReplyBudget(limits, clock);
    this.#pace = new GrowthPace(pauses, clock);
  }

  readonly whenWritable: PlatformPosts["whenWritable"] = async (_to, write, signal) => {
    await this.#pace.whenDue(write, signal);
    if (write.id === undefined) return;
    await this.#budget.whenEditable(editsIn(parsePostId(write.id).channel), write, signal);
  };

  /** Creates a post. While it grows, an edit is reserved for its end. @throws {PlatformError} */
  async create<T>(channel: string, post: Post, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (post.state === "writing") await this.#budget.begin(editsIn(channel), post.turn, signal);
    try {
      return await call();
    } finally {
      this.#pace.wrote(post.turn);
    }
  }

  /** @throws {PlatformError} */
  async edit<T>(channel: string, post: Post, call: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await this.#budget.spend(editsIn(channel), call, signal);
    } finally {
      this.#pace.wrote(post.turn);
    }
  }
}
