import { setImmediate } from "node:timers/promises";

import type { ConversationKey } from "../../domain/conversation.ts";
import type { Log } from "../../ports/log.ts";
import type { RunNextTurn, TurnScheduler } from "../../ports/turn-scheduler.ts";
import { FaultLog } from "../fault-log.ts";

/** What a closing process hands its running turns as the reason to stop. */
class ShuttingDownError extends Error {
  override readonly name = "ShuttingDownError";
}

/**
 * Takes turns in this process, up to `turnsAtOnce` in parallel, one at a time for each conversation.
 * Nothing is kept here that the inbox doesn't know: after a crash the sweeper wakes the same conversations.
 */
export class EmbeddedScheduler implements TurnScheduler, AsyncDisposable {
  readonly #options: { readonly turnsAtOnce: number; readonly shutdownMs: number; readonly log: Log };
  readonly #closing = new AbortController();
  /** Insertion order is the order of service: a conversation that wakes again goes to the end. */
  readonly #queued = new Set<ConversationKey>();
  readonly #running = new Map<ConversationKey, Promise<void>>();
  readonly #faults: FaultLog;
  #runNextTurn: RunNextTurn | undefined;
  /** Turns begin one in each round of the event loop: with SQLite, a turn that only remembers waits for nothing. */
  #lastStart: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: { readonly turnsAtOnce: number; readonly shutdownMs: number; readonly log: Log }) {
    this.#options = options;
    this.#faults = new FaultLog(options.log, "drain failed");
  }

  /** Until then, woken conversations wait. */
  start(runNextTurn: RunNextTurn): void {
    this.#runNextTurn = runNextTurn;
    this.#serve();
  }

  readonly schedule = async (conversation: ConversationKey): Promise<void> => {
    if (this.#isClosed) return;
    this.#queued.add(conversation);
    this.#serve();
  };

  /** Takes nothing new, gives what runs `shutdownMs` to finish, then hands it back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#runNextTurn = undefined;
    this.#queued.clear();
    const deadline = setTimeout(() => {
      this.#closing.abort(new ShuttingDownError("The process is closing"));
    }, this.#options.shutdownMs);
    await Promise.all(this.#running.values());
    clearTimeout(deadline);
  }

  #serve(): void {
    if (this.#runNextTurn === undefined) return;
    for (const conversation of this.#queued) {
      if (this.#running.size >= this.#options.turnsAtOnce) return;
      if (this.#running.has(conversation)) continue;
      this.#queued.delete(conversation);
      this.#running.set(conversation, this.#run(conversation, this.#runNextTurn));
    }
  }

  async #run(conversation: ConversationKey, runNextTurn: RunNextTurn): Promise<void> {
    try {
      this.#lastStart = this.#lastStart.then(() => setImmediate());
      await this.#lastStart;
      if (this.#isClosed) return;
      const outcome = await runNextTurn(conversation, this.#closing.signal);
      this.#faults.noteSuccess();
      // To the end of the queue: a busy conversation does not keep others waiting.
      if (outcome === "more" && this.#runNextTurn !== undefined) this.#queued.add(conversation);
    } catch (error) {
      // The inbox still holds what was not finished, and the sweeper comes by.
      if (!this.#closing.signal.aborted) this.#faults.logFailure(error);
    } finally {
      this.#running.delete(conversation);
      this.#serve();
    }
  }
}
