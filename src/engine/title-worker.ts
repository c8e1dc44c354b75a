import type { ConversationKey } from "../domain/conversation.ts";
import type { Log } from "../ports/log.ts";

/** Titles matter least. */
const maxParallel = 2;
/** Conversations beyond this number request again with their next answers. */
const maxWaiting = 1_000;
const titleDeadlineMs = 120_000;

interface TitleWorkerPorts {
  readonly generateTitle: (conversation: ConversationKey, signal: AbortSignal) => Promise<void>;
  readonly log: Log;
}

/**
 * Generates titles in the background. Waiting requests are not stored and failed ones not retried: the conversation's
 * next answer requests again.
 */
export class TitleWorker implements AsyncDisposable {
  readonly #ports: TitleWorkerPorts;
  readonly #closing = new AbortController();
  readonly #waiting = new Set<ConversationKey>();
  readonly #running = new Set<Promise<void>>();

  constructor(ports: TitleWorkerPorts) {
    this.#ports = ports;
  }

  readonly request = (conversation: ConversationKey): void => {
    if (this.#closing.signal.aborted || this.#waiting.size >= maxWaiting) return;
    this.#waiting.add(conversation);
    this.#next();
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#waiting.clear();
    await Promise.all(this.#running);
  }

  #next(): void {
    for (const conversation of this.#waiting) {
      if (this.#running.size >= maxParallel) return;
      this.#waiting.delete(conversation);
      const run = this.#generate(conversation).finally(() => {
        this.#running.delete(run);
        this.#next();
      });
      this.#running.add(run);
    }
  }

  async #generate(conversation: ConversationKey): Promise<void> {
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(titleDeadlineMs)]);
    try {
      await this.#ports.generateTitle(conversation, signal);
    } catch (error) {
      if (!this.#closing.signal.aborted)
        this.#ports.log.warn({ err: error }, "a title could not be generated; the next answer tries again");
    }
  }
}
