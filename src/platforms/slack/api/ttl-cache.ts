import type { Clock } from "../../../ports/clock.ts";

interface TtlCacheOptions {
  readonly clock: Clock;
  readonly ttlMs: number;
  /** Beyond it the oldest entry is evicted. */
  readonly maxEntries: number;
}

/** A bounded cache whose entries expire. */
export class TtlCache<T> {
  readonly #options: TtlCacheOptions;
  readonly #entries = new Map<string, { readonly value: T; readonly untilMs: number }>();

  constructor(options: TtlCacheOptions) {
    this.#options = options;
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined || entry.untilMs <= this.#options.clock.nowMs() ? undefined : entry.value;
  }

  set(key: string, value: T): void {
    const { clock, ttlMs, maxEntries } = this.#options;
    this.#entries.delete(key);
    this.#entries.set(key, { value, untilMs: clock.nowMs() + ttlMs });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > maxEntries && oldest !== undefined) this.#entries.delete(oldest);
  }
}
