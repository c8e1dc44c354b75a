import type { ConversationKey } from "../../domain/conversation.ts";
import type { Interruption } from "../../domain/turn.ts";
import { InterruptedError, type Interruptions, type Watch } from "../../ports/turn-scheduler.ts";

/** Interruptions of turns that run in this process. */
export class InProcessInterruptions implements Interruptions {
  readonly #watches = new Map<ConversationKey, Set<InProcessWatch>>();

  readonly interrupt = async (conversation: ConversationKey, interruption: Interruption): Promise<void> => {
    for (const watch of this.#watches.get(conversation) ?? []) watch.receive(interruption);
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
  readonly #onDispose: () => void;
  readonly #received: Interruption[] = [];
  #concerns: ((interruption: Interruption) => boolean) | undefined;

  constructor(onDispose: () => void) {
    this.#onDispose = onDispose;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  receive(interruption: Interruption): void {
    if (this.#concerns === undefined) this.#received.push(interruption);
    else if (this.#concerns(interruption)) this.#controller.abort(new InterruptedError(interruption));
  }

  readonly limitTo = (concerns: (interruption: Interruption) => boolean): void => {
    this.#concerns = concerns;
    for (const interruption of this.#received.splice(0)) this.receive(interruption);
  };

  [Symbol.dispose](): void {
    this.#onDispose();
  }
}
