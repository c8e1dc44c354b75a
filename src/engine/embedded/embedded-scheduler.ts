import { setImmediate } from "node:timers/promises";

import type { ConversationKey } from "../../domain/conversation.ts";
import type { Log } from "../../ports/log.ts";
import type { RunNextTurn, TurnScheduler } from "../../ports/turn-scheduler.ts";
import { FaultLog } from "../fault-log.ts";

/** The abort reason of running turns when the process closes. */
class ShuttingDownError extends Error {
  override readonly name = "ShuttingDownError";
}

/**
 * Runs turns in this process: up to `turnsAtOnce` in parallel, one at a time per conversation. Keeps nothing that the
 * inbox doesn't know. After a crash the sweeper schedules the same conversations.
 */
export class EmbeddedScheduler implements TurnScheduler, AsyncDisposable {
  readonly #options: { readonly turnsAtOnce: number; readonly shutdownMs: number; readonly log: Log };
  readonly #closing = new AbortController();
  /** First in, first out. None of them runs. */
  readonly #queued = new Set<ConversationKey>();
  /** Those that were scheduled again while they run. They go to the end of the queue. */
  readonly #again = new Set<ConversationKey>();
  readonly #running = new Map<ConversationKey, Promise<void>>();
  readonly #faults: FaultLog;
  readonly #handedBack = new Set<ConversationKey>();
  #runNextTurn: RunNextTurn | undefined;
  /** One turn starts per round of the event loop, because a turn on SQLite may run without ever waiting. */
  #lastStart: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: { readonly turnsAtOnce: number; readonly shutdownMs: number; readonly log: Log }) {
    this.#options = options;
    this.#faults = new FaultLog(options.log, "a turn failed; the sweeper schedules it again");
  }

  /** Scheduled conversations wait until this is called. */
  start(runNextTurn: RunNextTurn): void {
    this.#runNextTurn = runNextTurn;
    this.#startTurns();
  }

  /** A conversation that is scheduled now has to wait for a running turn. */
  get isFull(): boolean {
    return this.#running.size >= this.#options.turnsAtOnce;
  }

  /** After closing: the conversations whose turns were aborted or never begun. */
  get handedBack(): ReadonlySet<ConversationKey> {
    return this.#handedBack;
  }

  readonly schedule = async (conversation: ConversationKey): Promise<void> => {
    if (this.#isClosed) return;
    if (this.#running.has(conversation)) {
      this.#again.add(conversation);
      return;
    }
    this.#queued.add(conversation);
    this.#startTurns();
  };

  /** Starts no more turns, gives running ones `shutdownMs` to finish, then aborts them. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#runNextTurn = undefined;
    for (const conversation of [...this.#queued, ...this.#again]) this.#handedBack.add(conversation);
    this.#queued.clear();
    this.#again.clear();
    const deadline = setTimeout(() => {
      for (const conversation of this.#running.keys()) this.#handedBack.add(conversation);
      this.#closing.abort(new ShuttingDownError("The process is closing"));
    }, this.#options.shutdownMs);
    await Promise.all(this.#running.values());
    clearTimeout(deadline);
  }

  #startTurns(): void {
    if (this.#runNextTurn === undefined) return;
    for (const conversation of this.#queued) {
      if (this.isFull) return;
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
      // At the end of the queue, so that a busy conversation doesn't hold up the others.
      if (outcome === "more") this.#again.add(conversation);
    } catch (error) {
      // The inbox still holds the unfinished entries, and the sweeper schedules them.
      if (!this.#closing.signal.aborted) this.#faults.logFailure(error);
    } finally {
      this.#running.delete(conversation);
      const isAgain = this.#again.delete(conversation);
      if (isAgain && !this.#isClosed) this.#queued.add(conversation);
      this.#startTurns();
    }
  }
}
