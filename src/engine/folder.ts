import type { ConversationKey } from "../domain/conversation.ts";
import type { Log } from "../ports/log.ts";

/** Folds cost calls of the model: they must not crowd out answers. */
const mostAtOnce = 4;
const foldMs = 300_000;

interface FolderPorts {
  /** Resolves to whether there was anything to fold. */
  readonly fold: (conversation: ConversationKey, signal: AbortSignal) => Promise<boolean>;
  readonly log: Log;
}

/** After a fault, each time twice as long; then the next turn of the conversation asks again. */
const retryMs = 5_000;
const mostRetries = 7;

/**
 * Folds in the background, never in the way of an answer, each conversation once at a time. Nothing is kept of what waits:
 * after a restart the next turn of a conversation asks again.
 */
export class Folder implements AsyncDisposable {
  readonly #ports: FolderPorts;
  readonly #closing = new AbortController();
  readonly #waiting = new Set<ConversationKey>();
  readonly #running = new Map<ConversationKey, Promise<void>>();
  readonly #faults = new Map<ConversationKey, number>();

  constructor(ports: FolderPorts) {
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
      if (this.#running.size >= mostAtOnce) return;
      if (this.#running.has(conversation)) continue;
      this.#waiting.delete(conversation);
      const run = this.#fold(conversation).finally(() => {
        this.#running.delete(conversation);
        this.#next();
      });
      this.#running.set(conversation, run);
    }
  }

  async #fold(conversation: ConversationKey): Promise<void> {
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(foldMs)]);
    try {
      await this.#ports.fold(conversation, signal);
      this.#faults.delete(conversation);
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#retry(conversation, error);
    }
  }

  #retry(conversation: ConversationKey, error: unknown): void {
    const faults = this.#faults.get(conversation) ?? 0;
    this.#faults.set(conversation, faults + 1);
    this.#ports.log.warn({ err: error }, "a fold failed");
    if (faults === mostRetries) this.#faults.delete(conversation);
    else setTimeout(() => this.request(conversation), retryMs * 2 ** faults).unref();
  }
}
