import { setTimeout } from "node:timers/promises";

/** What is to go wrong with a call. */
export type SlackFault =
  | { readonly kind: "rate-limited"; readonly retryAfterSeconds: number }
  /** With this header as it is, or without one. */
  | { readonly kind: "unclear-limit"; readonly retryAfter?: string }
  /** Slack answers, and says no. */
  | { readonly kind: "error"; readonly error: string }
  | { readonly kind: "status"; readonly status: number }
  /** The same, but what was asked for has been done. */
  | { readonly kind: "status-after"; readonly status: number }
  | { readonly kind: "latency"; readonly ms: number }
  /** The connection is cut. `after`: what was asked for has been done by then. */
  | { readonly kind: "reset"; readonly when: "before" | "after" }
  /** No answer ever; the call is held until the stand-in closes. */
  | { readonly kind: "hang" };

/** Faults waiting for their calls, by method. */
export class SlackFaults {
  readonly #waiting = new Map<string, SlackFault[]>();
  readonly #closing = new AbortController();

  /** The next so many calls of the method meet the fault: all, or those of one channel. */
  add(method: string, fault: SlackFault, times: number, channel = "*"): void {
    const key = `${method} ${channel}`;
    const waiting = this.#waiting.get(key) ?? [];
    for (let time = 0; time < times; time += 1) waiting.push(fault);
    this.#waiting.set(key, waiting);
  }

  take(method: string, channel: string): SlackFault | undefined {
    return this.#waiting.get(`${method} ${channel}`)?.shift() ?? this.#waiting.get(`${method} *`)?.shift();
  }

  /** How many calls have yet to meet theirs. */
  left(method: string, channel = "*"): number {
    return this.#waiting.get(`${method} ${channel}`)?.length ?? 0;
  }

  async wait(ms: number): Promise<void> {
    await setTimeout(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }

  async hang(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#closing.signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
  }

  close(): void {
    this.#closing.abort();
  }
}
