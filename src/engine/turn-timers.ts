import type { ConversationKey } from "../domain/conversation.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { TurnScheduler } from "../ports/turn-scheduler.ts";

/**
 * Schedules a conversation when its waiting time ends, in this process; the sweeper would be seconds later. One timer
 * per conversation. The timers of a dead process are left to the sweeper.
 */
export class TurnTimers implements Disposable {
  readonly #ports: { readonly scheduler: TurnScheduler; readonly clock: Clock; readonly log: Log };
  readonly #timers = new Map<ConversationKey, AbortController>();
  #isClosed = false;

  constructor(ports: { readonly scheduler: TurnScheduler; readonly clock: Clock; readonly log: Log }) {
    this.#ports = ports;
  }

  /** Replaces an earlier timer of the conversation. */
  readonly scheduleIn = (conversation: ConversationKey, ms: number): void => {
    this.#timers.get(conversation)?.abort();
    if (this.#isClosed) return;
    const cancel = new AbortController();
    this.#timers.set(conversation, cancel);
    void this.#wait(conversation, ms, cancel);
  };

  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const cancel of this.#timers.values()) cancel.abort();
  }

  async #wait(conversation: ConversationKey, ms: number, cancel: AbortController): Promise<void> {
    const { scheduler, clock, log } = this.#ports;
    try {
      await clock.sleep(ms, cancel.signal);
      await scheduler.schedule(conversation, cancel.signal);
    } catch (error) {
      if (!cancel.signal.aborted)
        log.warn({ err: error }, "a conversation could not be scheduled; the sweeper retries");
    } finally {
      if (this.#timers.get(conversation) === cancel) this.#timers.delete(conversation);
    }
  }
}
