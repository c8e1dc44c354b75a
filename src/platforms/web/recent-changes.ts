import type { ConversationKey } from "../../domain/conversation.ts";
import type { ShownMessage } from "./protocol.ts";

const mostKept = 200;

/**
 * The newest edits and deletions: accepted, and perhaps not in memory yet while a long answer is being written.
 * One that memory has too changes nothing a second time, so nobody needs to say when it is over.
 */
export class RecentChanges {
  /** Oldest first. A text, or undefined for a deletion. */
  readonly #changes = new Map<string, string | undefined>();

  add(conversation: ConversationKey, message: string, text: string | undefined): void {
    const key = keyOf(conversation, message);
    this.#changes.delete(key);
    this.#changes.set(key, text);
    const [oldest] = this.#changes.keys();
    if (this.#changes.size > mostKept && oldest !== undefined) this.#changes.delete(oldest);
  }

  applyTo(conversation: ConversationKey, messages: readonly ShownMessage[]): readonly ShownMessage[] {
    return messages.flatMap((message) => {
      const key = keyOf(conversation, message.id);
      if (!this.#changes.has(key)) return [message];
      const text = this.#changes.get(key);
      return text === undefined ? [] : [{ ...message, text }];
    });
  }

  forget(conversation: ConversationKey): void {
    for (const key of this.#changes.keys()) {
      if (key.startsWith(keyOf(conversation, ""))) this.#changes.delete(key);
    }
  }
}

function keyOf(conversation: ConversationKey, message: string): string {
  return `${conversation} ${message}`;
}
