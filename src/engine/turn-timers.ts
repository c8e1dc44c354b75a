import type { ConversationKey } from "../domain/conversation.ts";
import type { Clock } from "../ports/clock.ts";
import type { Log } from "../ports/log.ts";
import type { TurnScheduler } from "../ports/turn-scheduler.ts";

/**
 * Wakes conversations at the moment that they wait for, in this process: the sweeper would come by seconds later. One
 * timer for each waiting conversation. What a dead process had set is the sweeper's.
 */
export class TurnTimers implements Disposable {
  readonly #ports: { readonly scheduler: TurnScheduler; readonly clock: Clock; readonly log: Log };
  readonly #set = new Map<ConversationKey, AbortController>();
  #isClosed = false;

  constructor(ports: { readonly scheduler: TurnScheduler; readonly clock: Clock; readonly log: Log }) {
    this.#ports = ports;
  }

  /** Replaces an earlier alarm of the conversation. */
  readonly scheduleIn = (conversation: ConversationKey, ms: number): void => {
    this.#set.get(conversation)?.abort();
    if (this.#isClosed) return;
    const off = new AbortController();
    this.#set.set(conversation, off);
    void this.#ring(conversation, ms, off);
  };

  [Symbol.dispose](): void {
    this.#isClosed = true;
    for (const off of this.#set.values()) off.abort();
  }

  async #ring(conversation: ConversationKey, ms: number, off: AbortController): Promise<void> {
    const { scheduler, clock, log } = this.#ports;
    try {
      await clock.sleep(ms, off.signal);
      await scheduler.schedule(conversation, off.signal);
    } catch (error) {
      if (!off.signal.aborted)
        log.warn({ err: error }, "a conversation could not be woken; the sweeper will");
    } finally {
      if (this.#set.get(conversation) === off) this.#set.delete(conversation);
    }
  }
}
