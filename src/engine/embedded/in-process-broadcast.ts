import type { Broadcast } from "../../ports/broadcast.ts";

type Hear = (news: unknown) => void;

/** A broadcast for the only replica. */
export class InProcessBroadcast implements Broadcast {
  readonly #listeners = new Map<string, Set<Hear>>();

  readonly send = (channel: string, news: unknown): void => {
    for (const hear of this.#listeners.get(channel) ?? []) hear(structuredClone(news));
  };

  readonly listen = (channel: string, hear: Hear): Disposable => {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(hear));
    return { [Symbol.dispose]: () => void listeners.delete(hear) };
  };
}
