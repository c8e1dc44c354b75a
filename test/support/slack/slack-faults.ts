import { setTimeout } from "node:timers/promises";

/** How a call fails. */
export type SlackFault =
  | { readonly kind: "rate-limited"; readonly retryAfterSeconds: number }
  /** With this Retry-After header, or without one. */
  | { readonly kind: "unclear-limit"; readonly retryAfter?: string }
  /** Slack answers `{ok: false, error}`. */
  | { readonly kind: "error"; readonly error: string }
  | { readonly kind: "status"; readonly status: number }
  /** The call succeeds, but Slack answers with this status. */
  | { readonly kind: "status-after"; readonly status: number }
  | { readonly kind: "latency"; readonly ms: number }
  /** The connection is cut before or after the call takes effect. */
  | { readonly kind: "reset"; readonly when: "before" | "after" }
  /** The call succeeds, but there is no answer. */
  | { readonly kind: "hang-after" }
  /** There is no answer; the call hangs until the stand-in closes. */
  | { readonly kind: "hang" };

/** Pending faults by method. */
export class SlackFaults {
  readonly #waiting = new Map<string, SlackFault[]>();
  readonly #closing = new AbortController();

  /** The next calls of the method fail: all calls, or those of one channel. */
  add(method: string, fault: SlackFault, times: number, channel = "*"): void {
    const key = `${method} ${channel}`;
    const waiting = this.#waiting.get(key) ?? [];
    for (let time = 0; time < times; time += 1) waiting.push(fault);
    this.#waiting.set(key, waiting);
  }

  take(method: string, channel: string): SlackFault | undefined {
    return this.#waiting.get(`${method} ${channel}`)?.shift() ?? this.#waiting.get(`${method} *`)?.shift();
  }

  /** The number of faults that are left. */
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
