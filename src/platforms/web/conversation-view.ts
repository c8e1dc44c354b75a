import type { ConversationKey } from "../../domain/conversation.ts";
import type { Recollection, RememberedMessage } from "../../domain/recollection.ts";
import type { ShownMessage } from "./protocol.ts";
import { RecentChanges } from "./recent-changes.ts";

/** The answer that is being written, as far as pages have seen it. */
export interface RunningAnswer {
  readonly turn: string;
  readonly text: string;
}

/** Somebody reads memory to show it. `isStale`: a turn has finished since, so what is read may lack it. */
export interface Look extends Disposable {
  isStale: boolean;
}

/** What a page shows of the conversations beyond what is remembered yet: what was just said, and the running answer. */
export class ConversationViews {
  readonly #said = new Map<ConversationKey, ShownMessage[]>();
  readonly #running = new Map<ConversationKey, RunningAnswer>();
  readonly #changes = new RecentChanges();
  readonly #looks = new Map<ConversationKey, Set<Look>>();

  /** It was accepted, and its turn has not finished. */
  addSaid(conversation: ConversationKey, message: ShownMessage): void {
    const said = this.#said.get(conversation) ?? [];
    if (!said.some((each) => each.id === message.id)) this.#said.set(conversation, [...said, message]);
  }

  /** It was edited, or deleted when there is no text. */
  change(conversation: ConversationKey, message: string, text: string | undefined): void {
    this.#changes.add(conversation, message, text);
  }

  running(conversation: ConversationKey): RunningAnswer | undefined {
    return this.#running.get(conversation);
  }

  setRunning(conversation: ConversationKey, running: RunningAnswer): void {
    this.#running.set(conversation, running);
  }

  /** Gives whether pages know all that the turn covers; they don't when it was said before a restart. */
  finish(conversation: ConversationKey, covers: readonly string[]): boolean {
    this.#running.delete(conversation);
    for (const look of this.#looks.get(conversation) ?? []) look.isStale = true;
    const said = this.#said.get(conversation) ?? [];
    this.#keep(
      conversation,
      said.filter(({ id }) => !covers.includes(id)),
    );
    return covers.every((id) => said.some((each) => each.id === id));
  }

  forget(conversation: ConversationKey): void {
    this.#running.delete(conversation);
    this.#said.delete(conversation);
    this.#changes.forget(conversation);
  }

  /** Begin before reading memory, and read again while it is stale. */
  look(conversation: ConversationKey): Look {
    const looks = this.#looks.get(conversation) ?? new Set();
    const look: Look = {
      isStale: false,
      [Symbol.dispose]: () => {
        looks.delete(look);
        if (looks.size === 0) this.#looks.delete(conversation);
      },
    };
    this.#looks.set(conversation, looks.add(look));
    return look;
  }

  /** Oldest first: what is remembered, then what waits. */
  history(conversation: ConversationKey, recollection: Recollection | undefined): readonly ShownMessage[] {
    const remembered = (recollection?.messages ?? []).map(shown);
    const known = new Set(remembered.map(({ id }) => id));
    const waiting = (this.#said.get(conversation) ?? []).filter(({ id }) => !known.has(id));
    this.#keep(conversation, waiting);
    return this.#changes.applyTo(conversation, [...remembered, ...waiting]);
  }

  #keep(conversation: ConversationKey, said: ShownMessage[]): void {
    if (said.length === 0) this.#said.delete(conversation);
    else this.#said.set(conversation, said);
  }
}

function shown(message: RememberedMessage): ShownMessage {
  const role = message.role === "person" ? "user" : message.role === "bot" ? "assistant" : "notice";
  return { id: message.id, role, text: message.text, atMs: message.saidAtMs, chapter: message.chapter };
}
