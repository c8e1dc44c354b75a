import type { Connection } from "../connection/connection.ts";
import type { WebPlace } from "../wire/keys.ts";

/** Shows a conversation on some pages of its person. Never rejects. */
export type Refresh = (connections: readonly Connection[], conversation: string) => Promise<void>;

/** What a person's pages are yet to be shown, and who shows it. */
interface Person {
  readonly due: Map<string, Set<Connection>>;
  running: Promise<void> | undefined;
}

/**
 * Shows conversations again where something has changed: the first time at once, and what comes while a person's pages
 * are being shown something, or take it slowly, once for all of it. However much a person says on however many pages,
 * each conversation is read once for all of them.
 */
export class RefreshQueue {
  readonly #refresh: Refresh;
  readonly #people = new Map<string, Person>();

  constructor(refresh: Refresh) {
    this.#refresh = refresh;
  }

  /** Resolves when it is shown. Never rejects. */
  add({ user, conversation }: WebPlace, connections: readonly Connection[]): Promise<void> {
    if (connections.length === 0) return Promise.resolve();
    const person = this.#people.get(user) ?? { due: new Map(), running: undefined };
    this.#people.set(user, person);
    const due = person.due.get(conversation) ?? new Set();
    for (const each of connections) due.add(each);
    person.due.set(conversation, due);
    person.running ??= this.#refreshAll(user, person);
    return person.running;
  }

  async #refreshAll(user: string, { due }: Person): Promise<void> {
    for (const [conversation, connections] of due) {
      due.delete(conversation);
      const open = [...connections].filter(({ isOpen }) => isOpen);
      await this.#refresh(open, conversation);
      // All of them share one allowance.
      await open[0]?.whenHistoryAllowed();
    }
    this.#people.delete(user);
  }
}
