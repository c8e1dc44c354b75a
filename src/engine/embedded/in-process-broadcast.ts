import type { Broadcast } from "../../ports/broadcast.ts";

type Listener = (news: unknown) => void;

/** A broadcast for a single replica. */
export class InProcessBroadcast implements Broadcast {
  readonly #listeners = new Map<string, Set<Listener>>();

  readonly send = (channel: string, news: unknown): void => {
    for (const listener of this.#listeners.get(channel) ?? []) listener(structuredClone(news));
  };

  readonly listen = (channel: string, listener: Listener): Disposable => {
    const listeners = this.#listeners.get(channel) ?? new Set();
    this.#listeners.set(channel, listeners.add(listener));
    return { [Symbol.dispose]: () => void listeners.delete(listener) };
  };
}
