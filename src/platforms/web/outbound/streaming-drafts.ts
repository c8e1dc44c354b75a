import type { ConversationKey } from "../../../domain/conversation.ts";
import type { TurnId } from "../../../domain/message.ts";
import type { Growth } from "../wire/live-events.ts";

interface Draft {
  readonly turn: TurnId;
  readonly draft: number;
  readonly text: string;
  readonly covers: readonly string[];
}

/** The current text of an answer, and the messages that it answers. */
interface AnswerText {
  readonly turn: TurnId;
  readonly text: string;
  readonly covers: readonly string[];
}

/** The drafts that this replica writes, as far as they are published. */
export class StreamingDrafts {
  readonly #writer: string;
  readonly #byConversation = new Map<ConversationKey, Draft>();
  #count = 0;

  /** `writer`: unique per replica and start. */
  constructor(writer: string) {
    this.#writer = writer;
  }

  /** The growth to publish: the new end, or the whole text if its beginning has changed. Undefined: nothing new. */
  grow(conversation: ConversationKey, { turn, text, covers }: AnswerText): Growth | undefined {
    const known = this.#byConversation.get(conversation);
    if (known?.turn === turn && text.startsWith(known.text)) {
      const at = known.text.length;
      this.#byConversation.set(conversation, { ...known, text });
      const { draft } = known;
      return at === text.length ? undefined : { turn, draft, writer: this.#writer, at, text: text.slice(at) };
    }
    this.#count += 1;
    this.#byConversation.set(conversation, { turn, draft: this.#count, text, covers });
    return this.whole(conversation);
  }

  whole(conversation: ConversationKey): Growth | undefined {
    const known = this.#byConversation.get(conversation);
    return known === undefined
      ? undefined
      : { ...known, covers: [...known.covers], writer: this.#writer, at: 0 };
  }

  /** Drops the draft if another replica writes it now. */
  yieldTo(conversation: ConversationKey, writer: string): void {
    if (writer !== this.#writer) this.#byConversation.delete(conversation);
  }

  /** `turn` missing: whichever it is. */
  end(conversation: ConversationKey, turn?: TurnId): void {
    const known = this.#byConversation.get(conversation);
    if (turn === undefined || known?.turn === turn) this.#byConversation.delete(conversation);
  }
}
