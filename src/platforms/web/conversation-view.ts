import type { ConversationKey } from "../../domain/conversation.ts";
import type { Recollection, RememberedMessage } from "../../domain/recollection.ts";
import type { ShownMessage } from "./protocol.ts";

/** What a page shows of the conversations beyond what is remembered yet: what was just said, and the running answer. */
export class ConversationViews {
  readonly #said = new Map<ConversationKey, ShownMessage[]>();
  readonly #running = new Map<ConversationKey, { readonly turn: string; readonly text: string }>();

  /** It was accepted, and its turn has not finished. */
  addSaid(conversation: ConversationKey, message: ShownMessage): void {
    const said = this.#said.get(conversation) ?? [];
    if (!said.some((each) => each.id === message.id)) this.#said.set(conversation, [...said, message]);
  }

  changeSaid(conversation: ConversationKey, message: string, text: string | undefined): void {
    const said = this.#said.get(conversation) ?? [];
    const changed = said.flatMap((each) => {
      if (each.id !== message) return [each];
      return text === undefined ? [] : [{ ...each, text }];
    });
    this.#keep(conversation, changed);
  }

  running(conversation: ConversationKey): { readonly turn: string; readonly text: string } | undefined {
    return this.#running.get(conversation);
  }

  setRunning(conversation: ConversationKey, running: { readonly turn: string; readonly text: string }): void {
    this.#running.set(conversation, running);
  }

  finish(conversation: ConversationKey, covers: readonly string[]): void {
    this.#running.delete(conversation);
    this.#keep(
      conversation,
      (this.#said.get(conversation) ?? []).filter((each) => !covers.includes(each.id)),
    );
  }

  forget(conversation: ConversationKey): void {
    this.#running.delete(conversation);
    this.#said.delete(conversation);
  }

  /** Oldest first: what is remembered, then what waits. */
  history(conversation: ConversationKey, recollection: Recollection | undefined): readonly ShownMessage[] {
    const remembered = (recollection?.messages ?? []).map(shown);
    const known = new Set(remembered.map(({ id }) => id));
    const waiting = (this.#said.get(conversation) ?? []).filter(({ id }) => !known.has(id));
    this.#keep(conversation, waiting);
    return [...remembered, ...waiting];
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
