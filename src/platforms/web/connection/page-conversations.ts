const maxActive = 20;
/** After so many other conversations, a late history of the first can't be under way any more. */
const maxConversations = 200;

/** What one page shows of its conversations. */
export class PageConversations {
  /** Conversations whose draft on the page is outdated; a history will replace it. */
  readonly staleDrafts = new Set<string>();
  /** Least recently used first. */
  readonly #active = new Set<string>();
  /** The order of the newest history that the page got, per conversation. */
  readonly #newest = new Map<string, number>();

  /** The person has opened the conversation on the page, or done something in it. */
  markActive(conversation: string): void {
    this.#active.delete(conversation);
    this.#active.add(conversation);
    const [oldest] = this.#active;
    if (this.#active.size > maxActive && oldest !== undefined) this.#active.delete(oldest);
  }

  /** True for the 20 conversations used last. */
  isActive(conversation: string): boolean {
    return this.#active.has(conversation);
  }

  /** Records the order of a history. False: the page already has a newer one. */
  isNewest(conversation: string, order: number): boolean {
    if (order < (this.#newest.get(conversation) ?? 0)) return false;
    this.#newest.delete(conversation);
    this.#newest.set(conversation, order);
    const [oldest] = this.#newest.keys();
    if (this.#newest.size > maxConversations && oldest !== undefined) this.#newest.delete(oldest);
    return true;
  }
}
