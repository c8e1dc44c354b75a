/** The number of calls of a method that Slack allows in any window. */
export interface SlackRate {
  readonly calls: number;
  readonly windowMs: number;
}

/** Refuses calls beyond the limits that the test sets, and counts the refusals. */
export class SlackRates {
  /** By method. */
  readonly refused = new Map<string, number>();
  readonly #rates = new Map<string, SlackRate>();
  readonly #taken = new Map<string, number[]>();
  #nowMs: () => number = Date.now;

  /** Sets a limit for the workspace; for posts, per channel. */
  set(method: string, rate: SlackRate, nowMs: () => number): void {
    this.#rates.set(method, rate);
    this.#nowMs = nowMs;
  }

  /** Seconds to wait. Undefined: the call is allowed. */
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
