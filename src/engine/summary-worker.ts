import type { ConversationKey } from "../domain/conversation.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";

/** Folds cost calls of the model: they must not crowd out answers. */
const maxParallel = 4;
const summaryDeadlineMs = 300_000;

interface SummaryWorkerPorts {
  /** Resolves to whether there was anything to fold; `tomorrow`: a limit of the day is reached. */
  readonly summarize: (conversation: ConversationKey, signal: AbortSignal) => Promise<boolean | "tomorrow">;
  readonly clock: Clock;
  readonly log: Log;
}

/** After a fault, each time twice as long; then the next turn of the conversation asks again. */
const firstRetryMs = 5_000;
const maxRetries = 7;
/** Limits are of a day (UTC). Beyond so many conversations, their next turns ask again. */
const dayMs = 86_400_000;
const maxPostponed = 10_000;

/**
 * Folds in the background, never in the way of an answer, each conversation once at a time. Nothing is kept of what waits:
 * after a restart the next turn of a conversation asks again.
 */
export class SummaryWorker implements AsyncDisposable {
  readonly #ports: SummaryWorkerPorts;
  readonly #closing = new AbortController();
  readonly #waiting = new Set<ConversationKey>();
  readonly #running = new Map<ConversationKey, Promise<void>>();
  readonly #faults = new Map<ConversationKey, number>();
  readonly #forTomorrow = new Set<ConversationKey>();

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
      if (outcome === "tomorrow") this.#putOff(conversation);
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#retry(conversation, error);
    }
  }

  #retry(conversation: ConversationKey, error: unknown): void {
    const faults = this.#faults.get(conversation) ?? 0;
    this.#faults.set(conversation, faults + 1);
    this.#ports.log.warn({ err: error }, "a fold failed");
    if (faults === maxRetries) this.#faults.delete(conversation);
    else setTimeout(() => this.request(conversation), firstRetryMs * 2 ** faults).unref();
  }

  /** When the limits allow it again: a conversation that is silent until then has its summary before it goes on. */
  #putOff(conversation: ConversationKey): void {
    const isFirst = this.#forTomorrow.size === 0;
    if (this.#forTomorrow.size < maxPostponed) this.#forTomorrow.add(conversation);
    if (isFirst) void this.#whenTomorrow().catch(() => undefined);
  }

  async #whenTomorrow(): Promise<void> {
    const { clock } = this.#ports;
    const leftMs = dayMs - (clock.nowMs() % dayMs);
    await clock.sleep(leftMs + 1_000, this.#closing.signal);
    const conversations = [...this.#forTomorrow];
    this.#forTomorrow.clear();
    for (const each of conversations) this.request(each);
  }
}
