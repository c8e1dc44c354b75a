import type { ConversationKey } from "../../domain/conversation.ts";
import type { Interruption } from "../../domain/turn.ts";
import { InterruptedError, type Interruptions, type Watch } from "../../ports/turn-scheduler.ts";

/** Interruptions for turns that run in this process. */
export class InProcessInterruptions implements Interruptions {
  readonly #watches = new Map<ConversationKey, Set<InProcessWatch>>();

  readonly interrupt = async (conversation: ConversationKey, interruption: Interruption): Promise<void> => {
    for (const watch of this.#watches.get(conversation) ?? []) watch.hear(interruption);
  };

  readonly watch = (conversation: ConversationKey): Watch => {
    const watches = this.#watches.get(conversation) ?? new Set();
    this.#watches.set(conversation, watches);
    const watch = new InProcessWatch(() => {
      watches.delete(watch);
      if (watches.size === 0) this.#watches.delete(conversation);
    });
    watches.add(watch);
    return watch;
  };
}

class InProcessWatch implements Watch {
  readonly #controller = new AbortController();
  readonly #leave: () => void;
  readonly #unjudged: Interruption[] = [];
  #concerns: ((interruption: Interruption) => boolean) | undefined;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  hear(interruption: Interruption): void {
    if (this.#concerns === undefined) this.#unjudged.push(interruption);
    else if (this.#concerns(interruption)) this.#controller.abort(new InterruptedError(interruption));
  }

  readonly only = (concerns: (interruption: Interruption) => boolean): void => {
    this.#concerns = concerns;
    for (const interruption of this.#unjudged.splice(0)) this.hear(interruption);
  };

  [Symbol.dispose](): void {
    this.#leave();
  }
}
