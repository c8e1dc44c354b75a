import { askToConfirm } from "../dialog/ask.js";
import { newId, state } from "./state.js";
import { offerUndo } from "../dialog/toasts.js";

/** How long a deletion can be undone; it is sent after that. */
const undoMs = 8_000;

/**
 * Deletions that can be undone for some seconds: the item is hidden, and its frame is held in the outbox. Another
 * message in the conversation, or leaving the page, sends it at once.
 */
export class Deletions {
  #outbox;
  #show;

  constructor(outbox, show) {
    this.#outbox = outbox;
    this.#show = show;
  }

  hidesMessage(id) {
    return this.#outbox.frames.some(({ type, message }) => type === "delete" && message === id);
  }

  hidesConversation(id) {
    return this.#outbox.frames.some(({ type, conversation }) => type === "remove" && conversation === id);
  }

  async removeMessage({ id }, conversation) {
    const isMeant = await askToConfirm({
      question: "Delete this message?",
      text: "I'll forget it everywhere and delete my reply to it.",
      yes: "Delete",
      isFinal: true,
    });
    if (isMeant) this.#hold({ type: "delete", conversation, message: id }, "Message deleted");
  }

  /** Returns whether the person confirmed. */
  async removeConversation(conversation) {
    const isMeant = await askToConfirm({
      question: "Delete this conversation?",
      text: "I'll forget everything that was said in it.",
      yes: "Delete",
      isFinal: true,
    });
    if (isMeant) this.#hold({ type: "remove", conversation }, "Conversation deleted");
    return isMeant;
  }

  #hold(what, text) {
    const frame = { id: newId(), ...what };
    this.#outbox.add(frame, { isHeld: true });
    this.#show();
    offerUndo(text, {
      forMs: undoMs,
      isOver: () => !this.#outbox.isHeld(frame.id),
      onOver: () => {
        state.forgettingAtMs = Date.now();
        this.#outbox.release(frame.id);
      },
      onUndo: () => {
        this.#outbox.cancel(frame.id);
        this.#show();
        if (frame.type === "remove") location.hash = frame.conversation;
      },
    });
  }
}
