/** How many calls of a method Slack takes within any window. */
export interface SlackRate {
  readonly calls: number;
  readonly windowMs: number;
}

/** Refuses calls beyond the limits that the test sets, and counts how often it had to. */
export class SlackRates {
  /** By method. */
  readonly refused = new Map<string, number>();
  readonly #rates = new Map<string, SlackRate>();
  readonly #taken = new Map<string, number[]>();
  #nowMs: () => number = Date.now;

  /** From now on, for the whole workspace; a post counts for its channel alone. */
  set(method: string, rate: SlackRate, nowMs: () => number): void {
    this.#rates.set(method, rate);
    this.#nowMs = nowMs;
  }

  /** How many seconds to wait; undefined where the call is taken. */
  refuse(method: string, channel: string): number | undefined {
    const rate = this.#rates.get(method);
    if (rate === undefined) return undefined;
    const key = method === "chat.postMessage" ? `${method} ${channel}` : method;
    const nowMs = this.#nowMs();
    const taken = (this.#taken.get(key) ?? []).filter((atMs) => atMs > nowMs - rate.windowMs);
    this.#taken.set(key, taken);
    const oldest = taken.at(-rate.calls);
    if (oldest === undefined) {
      taken.push(nowMs);
      return undefined;
    }
    this.refused.set(method, (this.refused.get(method) ?? 0) + 1);
    return Math.max(1, Math.ceil((oldest + rate.windowMs - nowMs) / 1_000));
  }
}
