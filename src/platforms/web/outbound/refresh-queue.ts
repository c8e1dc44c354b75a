import type { Connection } from "../connection/connection.ts";
import type { WebPlace } from "../wire/keys.ts";

/** Sends a conversation's history to some pages of one person. Never rejects. */
export type Refresh = (connections: readonly Connection[], conversation: string) => Promise<void>;

/** The conversations that wait for a refresh, and the refresh under way. */
interface Person {
  readonly due: Map<string, Set<Connection>>;
  running: Promise<void> | undefined;
  /** What is being refreshed now. */
  now: { readonly conversation: string; readonly connections: readonly Connection[] } | undefined;
}

/**
 * Refreshes conversations after changes: the first change at once, further ones together when the refresh under way
 * is done. Each conversation is read once for all pages of a person, however often it changes.
 */
export class RefreshQueue {
  readonly #refresh: Refresh;
  readonly #people = new Map<string, Person>();

  constructor(refresh: Refresh) {
    this.#refresh = refresh;
  }

  /** Resolves when it is sent. Never rejects. */
  add({ user, conversation }: WebPlace, connections: readonly Connection[]): Promise<void> {
    if (connections.length === 0) return Promise.resolve();
    const person = this.#people.get(user) ?? { due: new Map(), running: undefined, now: undefined };
    this.#people.set(user, person);
    const due = person.due.get(conversation) ?? new Set();
    for (const each of connections) due.add(each);
    person.due.set(conversation, due);
    person.running ??= this.#refreshAll(user, person);
    return person.running;
  }

  /** True if a history is on its way to the page. It may lack the newest changes. */
  isRunning({ user, conversation }: WebPlace, connection: Connection): boolean {
    const now = this.#people.get(user)?.now;
    return now?.conversation === conversation && now.connections.includes(connection);
  }

  async #refreshAll(user: string, person: Person): Promise<void> {
    const { due } = person;
    for (const [conversation, connections] of due) {
      due.delete(conversation);
      const open = [...connections].filter(({ isOpen }) => isOpen);
      person.now = { conversation, connections: open };
      await this.#refresh(open, conversation);
      person.now = undefined;
      // All pages of a person share one allowance.
      await open[0]?.whenHistoryAllowed();
    }
    this.#people.delete(user);
  }
}
