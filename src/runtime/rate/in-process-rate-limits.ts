import { LRUCache } from "lru-cache";

import {
  firstWordsFactor,
  growthShare,
  reservationTtlMs,
  maxGrowthPauseMs,
  noCallLeftPauseMs,
  strictAfterRefusalMs,
  type Growth,
  type RateLimit,
  type RateLimits,
} from "../../ports/rate-limits.ts";

/** The state of one limit. */
interface Count {
  /** Times of the calls in the window, past and reserved, earliest first. */
  readonly calls: number[];
  /** Times of the calls that let an answer grow, earliest first. */
  readonly grown: number[];
  /** Ticket → time of its call; the time is in `calls` too. */
  readonly promised: Map<string, number>;
  /** Running answer → time of its next growth. */
  readonly open: Map<string, number>;
  pausedUntilMs: number;
  strictUntilMs: number;
}

const maxLimits = 10_000;

/** Rate limits of one process. Memory grows with the calls in one window, and with the limits, at most 10,000. */
export class InProcessRateLimits implements RateLimits {
  readonly #nowMs: () => number;
  /** Least recently used first. */
  readonly #counts = new LRUCache<string, Count>({ max: maxLimits });

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  readonly reserve: RateLimits["reserve"] = async (limit, ticket, _signal, ends = {}) => {
    const nowMs = this.#nowMs();
    const { opens, closes, releases } = ends;
    if (opens !== undefined) await this.open(opens.limit, opens.answer);
    if (releases !== undefined) this.#current(releases.limit, nowMs).open.delete(releases.answer);
    const count = this.#current(limit, nowMs);
    if (closes !== undefined) count.open.delete(closes);
    const baseMs = Math.max(nowMs, count.pausedUntilMs);
    if (limit.isCountedLate === true && nowMs >= count.strictUntilMs) return 0;
    const promisedMs = count.promised.get(ticket);
    if (promisedMs !== undefined) {
      const waitMs = Math.max(baseMs, promisedMs) - nowMs;
      if (waitMs > 0) return waitMs;
      count.promised.delete(ticket);
      count.calls.splice(count.calls.lastIndexOf(promisedMs), 1);
      insert(count.calls, nowMs);
      return 0;
    }
    const held = nowMs < count.strictUntilMs ? count.calls.at(-limit.calls) : undefined;
    const atMs = held === undefined ? baseMs : Math.max(baseMs, held + limit.windowMs);
    insert(count.calls, atMs);
    if (atMs > nowMs) count.promised.set(ticket, atMs);
    return atMs - nowMs;
  };

  readonly reserveForGrowth = async (limit: RateLimit, { answer, isFirst }: Growth): Promise<number> => {
    const nowMs = this.#nowMs();
    const count = this.#current(limit, nowMs);
    const nextMs = Math.max(count.pausedUntilMs, count.open.get(answer) ?? 0);
    if (nextMs > nowMs) return nextMs - nowMs;
    count.open.set(answer, nowMs);
    const { calls, windowMs, forGrowth = calls } = limit;
    const free = calls - count.calls.length - count.open.size;
    const left = Math.min(free, forGrowth * (isFirst ? firstWordsFactor : 1) - count.grown.length);
    if (left < 1) return noCallLeftPauseMs;
    insert(count.calls, nowMs);
    insert(count.grown, nowMs);
    const pauseMs = (count.open.size * windowMs * growthShare) / left;
    count.open.set(answer, nowMs + Math.min(maxGrowthPauseMs, pauseMs));
    return 0;
  };

  readonly takeSpare: RateLimits["takeSpare"] = async (limit, end) => {
    const nowMs = this.#nowMs();
    const count = this.#current(limit, nowMs);
    const ends = this.#current(end.limit, nowMs);
    if (!hasSpare(limit, count, nowMs) || !hasSpare(end.limit, ends, nowMs)) return false;
    insert(count.calls, nowMs);
    ends.open.set(end.answer, nowMs + end.forMs - reservationTtlMs);
    return true;
  };

  readonly open = async (limit: RateLimit, answer: string): Promise<void> => {
    const nowMs = this.#nowMs();
    const { open } = this.#current(limit, nowMs);
    if (!open.has(answer)) open.set(answer, nowMs);
  };

  readonly pause = async (limit: RateLimit, ms: number): Promise<void> => {
    const nowMs = this.#nowMs();
    const count = this.#current(limit, nowMs);
    count.pausedUntilMs = Math.max(count.pausedUntilMs, nowMs + ms);
    count.strictUntilMs = count.pausedUntilMs + strictAfterRefusalMs;
    // A rejected call does not count.
    const last = count.calls.findLastIndex((atMs) => atMs <= nowMs);
    if (last >= 0) count.calls.splice(last, 1);
  };

  /** The state without expired entries. */
  #current({ name, windowMs }: RateLimit, nowMs: number): Count {
    const count = this.#counts.get(name) ?? {
      calls: [],
      grown: [],
      promised: new Map(),
      open: new Map(),
      pausedUntilMs: 0,
      strictUntilMs: 0,
    };
    this.#counts.set(name, count);
    for (const times of [count.calls, count.grown]) dropUntil(times, nowMs - windowMs);
    for (const [ticket, atMs] of count.promised) if (atMs <= nowMs - windowMs) count.promised.delete(ticket);
    for (const [answer, atMs] of count.open) if (atMs <= nowMs - reservationTtlMs) count.open.delete(answer);
    return count;
  }
}

function hasSpare({ calls }: RateLimit, count: Count, nowMs: number): boolean {
  return nowMs >= count.pausedUntilMs && count.calls.length + count.open.size < calls;
}

/** Keeps the order. Most times are the latest so far. */
function insert(times: number[], atMs: number): void {
  const before = times.findLastIndex((each) => each <= atMs);
  times.splice(before + 1, 0, atMs);
}

function dropUntil(times: number[], untilMs: number): void {
  const dropped = times.findIndex((each) => each > untilMs);
  times.splice(0, dropped < 0 ? times.length : dropped);
}
