import { LRUCache } from "lru-cache";

const maxActive = 20;
/** After so many other conversations, a late history of the first can't be under way any more. */
const maxConversations = 200;

/** What one page shows of its conversations. */
export class PageConversations {
  /** Conversations whose draft on the page is outdated; a history will replace it. */
  readonly staleDrafts = new Set<string>();
  readonly #active = new LRUCache<string, true>({ max: maxActive });
  /** The order of the newest history that the page got, per conversation. */
  readonly #newest = new LRUCache<string, number>({ max: maxConversations });

  /** The person has opened the conversation on the page, or done something in it. */
  markActive(conversation: string): void {
    this.#active.set(conversation, true);
  }

  /** True for the 20 conversations used last. */
  isActive(conversation: string): boolean {
    return this.#active.has(conversation);
  }

  /** True if the person has opened or used the conversation on the page, or the page got a history of it. */
  hasSeen(conversation: string): boolean {
    return this.#active.has(conversation) || this.#newest.has(conversation);
  }

  /** The conversation that the person used last. Undefined: none yet. */
  get current(): string | undefined {
    const [newest] = this.#active.keys();
    return newest;
  }

  /** Records the order of a history. False: the page already has a newer one. */
  isNewest(conversation: string, order: number): boolean {
    if (order < (this.#newest.get(conversation) ?? 0)) return false;
    this.#newest.set(conversation, order);
    return true;
  }
}
