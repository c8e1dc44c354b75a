import type { ConversationKey } from "../../../domain/conversation.ts";

/** Changes within this time are announced once. */
const intervalMs = 100;

/** Announces conversations whose memory has changed, each at most ten times a second. */
export class RevisionThrottle implements Disposable {
  readonly #announce: (conversation: ConversationKey) => void;
  readonly #waiting = new Map<ConversationKey, NodeJS.Timeout>();

  constructor(announce: (conversation: ConversationKey) => void) {
    this.#announce = announce;
  }

  add(conversation: ConversationKey): void {
    if (this.#waiting.has(conversation)) return;
    this.#waiting.set(
      conversation,
      setTimeout(() => {
        this.#waiting.delete(conversation);
        this.#announce(conversation);
      }, intervalMs),
    );
  }

  /** Announces what still waits: its pages may be connected to other replicas. */
  [Symbol.dispose](): void {
    for (const [conversation, timer] of this.#waiting) {
      clearTimeout(timer);
      this.#announce(conversation);
    }
    this.#waiting.clear();
  }
}
