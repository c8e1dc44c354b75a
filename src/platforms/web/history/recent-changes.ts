import type { ConversationKey } from "../../../domain/conversation.ts";
import type { ShownMessage } from "../wire/protocol.ts";

const maxKept = 200;
/** By then memory has the change, unless an answer is being written. */
const retentionMs = 10 * 60_000;

interface Change {
  readonly conversation: ConversationKey;
  readonly message: string;
  /** Undefined: a deletion. */
  readonly text: string | undefined;
  readonly atMs: number;
}

/**
 * The newest edits, deletions and removals of conversations. They may not be in memory yet while a long answer is
 * being written. Idempotent where memory already has them.
 */
export class RecentChanges {
  /** Oldest first. */
  readonly #changes = new Map<string, Change>();
  /** When each conversation was removed; oldest first. */
  readonly #removals = new Map<ConversationKey, number>();

  add(change: Change): void {
    const key = keyOf(change.conversation, change.message);
    this.#changes.delete(key);
    this.#changes.set(key, change);
    dropOldest(this.#changes);
  }

  /** Hides everything from before `atMs`. */
  remove(conversation: ConversationKey, atMs: number): void {
    for (const [key, change] of this.#changes) {
      if (change.conversation === conversation) this.#changes.delete(key);
    }
    this.#removals.delete(conversation);
    this.#removals.set(conversation, atMs);
    dropOldest(this.#removals);
  }

  /** Memory has erased the conversation, or never had it. */
  confirmRemoval(conversation: ConversationKey, forgottenAtMs: number): void {
    if (forgottenAtMs >= (this.#removals.get(conversation) ?? Infinity)) this.#removals.delete(conversation);
  }

  /** A retracted answer is written again. */
  revive(conversation: ConversationKey, message: string): void {
    this.#changes.delete(keyOf(conversation, message));
  }

  applyTo(conversation: ConversationKey, messages: readonly ShownMessage[]): readonly ShownMessage[] {
    const removedAtMs = this.#removals.get(conversation) ?? -Infinity;
    return messages.flatMap((message) => {
      if (message.atMs < removedAtMs) return [];
      const change = this.#changes.get(keyOf(conversation, message.id));
      if (change === undefined) return [message];
      return change.text === undefined ? [] : [{ ...message, text: change.text }];
    });
  }

  dropOld(nowMs: number, isRunning: (conversation: ConversationKey) => boolean): void {
    for (const [key, { conversation, atMs }] of this.#changes) {
      if (nowMs - atMs > retentionMs && !isRunning(conversation)) this.#changes.delete(key);
    }
    for (const [conversation, atMs] of this.#removals) {
      if (nowMs - atMs > retentionMs) this.#removals.delete(conversation);
    }
  }
}

function dropOldest<Key>(map: Map<Key, unknown>): void {
  const [oldest] = map.keys();
  if (map.size > maxKept && oldest !== undefined) map.delete(oldest);
}

function keyOf(conversation: ConversationKey, message: string): string {
  return `${conversation} ${message}`;
}
