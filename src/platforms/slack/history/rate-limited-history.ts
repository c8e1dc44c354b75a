import type { Clock } from "../../../ports/clock.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { HistoryMessage } from "../wire/payload-schemas.ts";
import {
  readPage,
  type HistoryAllowance,
  type HistoryMethod,
  type HistoryQuery,
} from "../api/history-pages.ts";
import { RateLimiter } from "./rate-limiter.ts";
import type { SlackApi } from "../api/slack-api.ts";

export interface RateLimitedHistoryPorts {
  readonly api: SlackApi;
  readonly allowance: HistoryAllowance;
  readonly clock: Clock;
}

/**
 * Below Slack's 50 calls a minute (tier 3), so that PostLookup can still read.
 * https://docs.slack.dev/apis/web-api/rate-limits
 */
const rates = {
  internal: { burst: 10, intervalMs: 1_500 },
  limited: { burst: 1, intervalMs: 60_500 },
} as const;
const maxPages = { internal: 5, limited: 1 } as const;
const maxTries = 4;

/** Reads messages at a bounded rate, however much there is to read. */
export class RateLimitedHistory {
  readonly #ports: RateLimitedHistoryPorts;
  readonly #limiters: Readonly<Record<HistoryMethod, RateLimiter>>;

  constructor(ports: RateLimitedHistoryPorts) {
    const rate = rates[ports.allowance];
    this.#ports = ports;
    this.#limiters = {
      "conversations.history": new RateLimiter(ports.clock, rate),
      "conversations.replies": new RateLimiter(ports.clock, rate),
    };
  }

  /** At most five pages, or one with the limited allowance, in Slack's order. @throws {PlatformError} */
  async read(
    method: HistoryMethod,
    query: HistoryQuery,
    signal: AbortSignal,
  ): Promise<readonly HistoryMessage[]> {
    const messages = [];
    let cursor: string | undefined;
    for (let page = 0; page < maxPages[this.#ports.allowance]; page += 1) {
      const paged = cursor === undefined ? query : { ...query, cursor };
      const { messages: some, next } = await this.#page(method, paged, signal);
      messages.push(...some);
      cursor = next;
      if (cursor === undefined) break;
    }
    return messages;
  }

  async #page(method: HistoryMethod, query: HistoryQuery, signal: AbortSignal) {
    const limiter = this.#limiters[method];
    for (let tries = 1; ; tries += 1) {
      await limiter.wait(signal);
      try {
        return await readPage(this.#ports, method, query, signal);
      } catch (error) {
        const isPassing = error instanceof PlatformError && error.kind === "rate-limited";
        if (!isPassing || tries === maxTries) throw error;
        limiter.pause(Math.max(1_000, error.retryAfterMs));
      }
    }
  }
}
