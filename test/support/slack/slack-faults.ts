import { setTimeout } from "node:timers/promises";

/** What is to go wrong with a call. */
export type SlackFault =
  | { readonly kind: "rate-limited"; readonly retryAfterSeconds: number }
  /** Slack answers, and says no. */
  | { readonly kind: "error"; readonly error: string }
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "latency"; readonly ms: number }
  /** The connection is cut. `after`: what was asked for has been done by then. */
  | { readonly kind: "reset"; readonly when: "before" | "after" }
  /** No answer ever; the call is held until the stand-in closes. */
  | { readonly kind: "hang" };

/** Faults waiting for their calls, by method. */
export class SlackFaults {
  readonly #waiting = new Map<string, SlackFault[]>();
  readonly #closing = new AbortController();

  /** The next so many calls of the method meet the fault. */
  add(method: string, fault: SlackFault, times: number): void {
    const waiting = this.#waiting.get(method) ?? [];
    for (let time = 0; time < times; time += 1) waiting.push(fault);
    this.#waiting.set(method, waiting);
  }

  take(method: string): SlackFault | undefined {
    return this.#waiting.get(method)?.shift();
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
