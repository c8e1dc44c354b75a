import type { Clock } from "../../../ports/clock.ts";
import { PlatformError } from "../../../ports/platform.ts";
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

/** Less than Slack's fifty a minute, so that something is left for finding posts. */
const allowances = {
  internal: { atOnce: 10, intervalMs: 1_500 },
  limited: { atOnce: 1, intervalMs: 60_500 },
} as const;
const mostPages = { internal: 5, limited: 1 } as const;
const mostTries = 4;

/** Reads what was said, slowly: however much there is to read, Slack is not stormed. */
export class RateLimitedHistory {
  readonly #ports: RateLimitedHistoryPorts;
  readonly #paces: Readonly<Record<HistoryMethod, RateLimiter>>;

  constructor(ports: RateLimitedHistoryPorts) {
    const allowance = allowances[ports.allowance];
    this.#ports = ports;
    this.#paces = {
      "conversations.history": new RateLimiter(ports.clock, allowance),
      "conversations.replies": new RateLimiter(ports.clock, allowance),
    };
  }

  /** In the order in which Slack gives it; a few pages at most. @throws {PlatformError} */
  async read(
    method: HistoryMethod,
    query: HistoryQuery,
    signal: AbortSignal,
  ): Promise<readonly HistoryMessage[]> {
    const messages = [];
    let cursor: string | undefined;
    for (let page = 0; page < mostPages[this.#ports.allowance]; page += 1) {
      const paged = cursor === undefined ? query : { ...query, cursor };
      const { messages: some, next } = await this.#page(method, paged, signal);
      messages.push(...some);
      cursor = next;
      if (cursor === undefined) break;
    }
    return messages;
  }

  async #page(method: HistoryMethod, query: HistoryQuery, signal: AbortSignal) {
    const pace = this.#paces[method];
    for (let tries = 1; ; tries += 1) {
      await pace.turn(signal);
      try {
        return await readPage(this.#ports, method, query, signal);
      } catch (error) {
        const isPassing = error instanceof PlatformError && error.kind === "rate-limited";
        if (!isPassing || tries === mostTries) throw error;
        pace.pause(Math.max(1_000, error.retryAfterMs));
      }
    }
  }
}
