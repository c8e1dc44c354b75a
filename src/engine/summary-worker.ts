import type { ConversationKey } from "../domain/conversation.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import { retryDelayMs } from "../async/retry-delay.ts";

/** Model calls for summaries must not crowd out answers. */
const maxParallel = 4;
const summaryDeadlineMs = 300_000;

interface SummaryWorkerPorts {
  /** Resolves to whether there was anything to summarize; `tomorrow`: a daily limit is reached. */
  readonly summarize: (conversation: ConversationKey, signal: AbortSignal) => Promise<boolean | "tomorrow">;
  readonly clock: Clock;
  readonly log: Log;
}

/** Doubles with each failure. After the last retry, the conversation's next turn requests the summary again. */
const retryPace = { firstMs: 5_000, longestMs: 640_000 };
const maxRetries = 7;
/** Limits are per day (UTC). Conversations beyond this number are requested again by their next turns. */
const dayMs = 86_400_000;
const maxPostponed = 10_000;

/**
 * Summarizes in the background, each conversation at most once at a time. Waiting requests are not stored: after a
 * restart, the next turn of the conversation requests again.
 */
export class SummaryWorker implements AsyncDisposable {
  readonly #ports: SummaryWorkerPorts;
  readonly #closing = new AbortController();
  readonly #waiting = new Set<ConversationKey>();
  readonly #running = new Map<ConversationKey, Promise<void>>();
  readonly #faults = new Map<ConversationKey, number>();
  readonly #postponed = new Set<ConversationKey>();

  constructor(ports: SummaryWorkerPorts) {
    this.#ports = ports;
  }

  readonly request = (conversation: ConversationKey): void => {
    if (this.#closing.signal.aborted) return;
    this.#waiting.add(conversation);
    this.#next();
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#waiting.clear();
    await Promise.all(this.#running.values());
  }

  #next(): void {
    for (const conversation of this.#waiting) {
      if (this.#running.size >= maxParallel) return;
      if (this.#running.has(conversation)) continue;
      this.#waiting.delete(conversation);
      const run = this.#summarize(conversation).finally(() => {
        this.#running.delete(conversation);
        this.#next();
      });
      this.#running.set(conversation, run);
    }
  }

  async #summarize(conversation: ConversationKey): Promise<void> {
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(summaryDeadlineMs)]);
    try {
      const outcome = await this.#ports.summarize(conversation, signal);
      this.#faults.delete(conversation);
      if (outcome === "tomorrow") this.#postpone(conversation);
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#retry(conversation, error);
    }
  }

  #retry(conversation: ConversationKey, error: unknown): void {
    const faults = this.#faults.get(conversation) ?? 0;
    this.#faults.set(conversation, faults + 1);
    this.#ports.log.warn({ err: error }, "a summary failed; it is retried");
    if (faults === maxRetries) this.#faults.delete(conversation);
    else setTimeout(() => this.request(conversation), retryDelayMs(faults + 1, retryPace)).unref();
  }

  /** Retries when the new day's limits apply, so that a silent conversation has its summary before it continues. */
  #postpone(conversation: ConversationKey): void {
    const isFirst = this.#postponed.size === 0;
    if (this.#postponed.size < maxPostponed) this.#postponed.add(conversation);
    if (isFirst) void this.#resumeTomorrow().catch(() => undefined);
  }

  async #resumeTomorrow(): Promise<void> {
    const { clock } = this.#ports;
    const leftMs = dayMs - (clock.nowMs() % dayMs);
    await clock.sleep(leftMs + 1_000, this.#closing.signal);
    const conversations = [...this.#postponed];
    this.#postponed.clear();
    for (const each of conversations) this.request(each);
  }
}
