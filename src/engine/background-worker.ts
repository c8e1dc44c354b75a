import type { ConversationKey } from "../domain/conversation.ts";
import type { Log } from "../ports/log.ts";

/** Answers matter more. */
const maxParallel = 2;
/** Conversations beyond this number request again with their next answers. */
const maxWaiting = 1_000;

interface BackgroundWork {
  readonly run: (conversation: ConversationKey, signal: AbortSignal) => Promise<void>;
  readonly deadlineMs: number;
  /** What is logged when it fails. */
  readonly failure: string;
  readonly log: Log;
}

/**
 * Does one kind of work for conversations in the background, such as titles. Waiting requests are not stored and failed ones not
 * retried: the conversation's next answer requests again.
 */
export class BackgroundWorker implements AsyncDisposable {
  readonly #work: BackgroundWork;
  readonly #closing = new AbortController();
  readonly #waiting = new Set<ConversationKey>();
  readonly #running = new Set<Promise<void>>();

  constructor(work: BackgroundWork) {
    this.#work = work;
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
      const run = this.#run(conversation).finally(() => {
        this.#running.delete(run);
        this.#next();
      });
      this.#running.add(run);
    }
  }

  async #run(conversation: ConversationKey): Promise<void> {
    const { run, deadlineMs, failure, log } = this.#work;
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(deadlineMs)]);
    try {
      await run(conversation, signal);
    } catch (error) {
      if (!this.#closing.signal.aborted) log.warn({ err: error }, failure);
    }
  }
}
