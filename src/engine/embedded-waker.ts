import type { ConversationKey } from "../domain/conversation.ts";
import type { Log } from "../ports/log.ts";
import type { Drain, Waker } from "../ports/waker.ts";

/** What a closing process hands its running turns as the reason to stop. */
export class ShuttingDownError extends Error {
  override readonly name = "ShuttingDownError";
}

/**
 * Drains conversations in this process, up to `turnsAtOnce` in parallel, each conversation by one drain at a time.
 * Nothing is kept here that the inbox doesn't know: after a crash the sweeper wakes the same conversations.
 */
export class EmbeddedWaker implements Waker, AsyncDisposable {
  readonly #options: { readonly turnsAtOnce: number; readonly shutdownMs: number; readonly log: Log };
  readonly #closing = new AbortController();
  /** Insertion order is the order of service: a conversation that wakes again goes to the end. */
  readonly #queued = new Set<ConversationKey>();
  readonly #running = new Map<ConversationKey, Promise<void>>();
  #drain: Drain | undefined;

  constructor(options: { readonly turnsAtOnce: number; readonly shutdownMs: number; readonly log: Log }) {
    this.#options = options;
  }

  /** Until then, woken conversations wait. */
  start(drain: Drain): void {
    this.#drain = drain;
    this.#serve();
  }

  readonly wake = async (conversation: ConversationKey): Promise<void> => {
    this.#queued.add(conversation);
    this.#serve();
  };

  /** Takes nothing new, gives what runs `shutdownMs` to finish, then hands it back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#queued.clear();
    this.#drain = undefined;
    const deadline = setTimeout(() => {
      this.#closing.abort(new ShuttingDownError("The process is closing"));
    }, this.#options.shutdownMs);
    await Promise.all(this.#running.values());
    clearTimeout(deadline);
  }

  #serve(): void {
    if (this.#drain === undefined) return;
    for (const conversation of this.#queued) {
      if (this.#running.size >= this.#options.turnsAtOnce) return;
      if (this.#running.has(conversation)) continue;
      this.#queued.delete(conversation);
      this.#running.set(conversation, this.#run(conversation, this.#drain));
    }
  }

  async #run(conversation: ConversationKey, drain: Drain): Promise<void> {
    try {
      await drain(conversation, this.#closing.signal);
    } catch (error) {
      // The inbox still holds what was not finished, and the sweeper comes by.
      if (!this.#closing.signal.aborted) this.#options.log.error({ err: error }, "drain failed");
    } finally {
      this.#running.delete(conversation);
      this.#serve();
    }
  }
}
