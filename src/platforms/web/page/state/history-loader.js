import { markMessage } from "../log/log-view.js";

/** Loads older messages of the shown conversation: while the person scrolls up, or until a message is found. */
export class HistoryLoader {
  /** The message to scroll to. */
  #goal;
  /** The pending request: { conversation, before }. */
  #asked;
  #send;

  /** `send` returns false while disconnected. */
  constructor(send) {
    this.#send = send;
  }

  get hasGoal() {
    return this.#goal !== undefined;
  }

  /** Call for another conversation, with the message to find if any, or after reconnecting. */
  begin(message) {
    this.#goal = message;
    this.#asked = undefined;
  }

  /** The request is answered, or will not be. */
  settle() {
    this.#asked = undefined;
  }

  loadMore(id, { more }) {
    if (more !== undefined) this.#ask(id, more);
  }

  /** Continues after messages arrived. Returns true if the message to find does not exist. */
  goOn(id, conversation) {
    if (this.#goal !== undefined && markMessage(this.#goal)) this.#goal = undefined;
    if (conversation.outdated !== undefined && !conversation.isCut) this.#ask(id, conversation.outdated);
    if (this.#goal === undefined) return false;
    const isOver = conversation.more === undefined || conversation.isCut;
    if (!isOver) this.#ask(id, conversation.more);
    else if (this.#asked === undefined) this.#goal = undefined;
    return isOver && this.#goal === undefined;
  }

  #ask(conversation, before) {
    if (this.#asked !== undefined) return;
    if (this.#send({ type: "older", conversation, before })) this.#asked = { conversation, before };
  }
}
