import type { ConversationKey } from "../../../domain/conversation.ts";

/** Many changes in a row are told as one. */
const gatherMs = 100;

/** Gathers what is told about conversations whose memory has changed: each at most ten times a second. */
export class Revisions implements Disposable {
  readonly #tell: (conversation: ConversationKey) => void;
  readonly #waiting = new Map<ConversationKey, NodeJS.Timeout>();

  constructor(tell: (conversation: ConversationKey) => void) {
    this.#tell = tell;
  }

  add(conversation: ConversationKey): void {
    if (this.#waiting.has(conversation)) return;
    this.#waiting.set(
      conversation,
      setTimeout(() => {
        this.#waiting.delete(conversation);
        this.#tell(conversation);
      }, gatherMs),
    );
  }

  /** Tells what still waits: the pages may hang on other replicas. */
  [Symbol.dispose](): void {
    for (const [conversation, timer] of this.#waiting) {
      clearTimeout(timer);
      this.#tell(conversation);
    }
    this.#waiting.clear();
  }
}
