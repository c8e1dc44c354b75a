import { markMessage } from "./log-view.js";

/** Loads what is older of the conversation that is shown: as the person goes up, or until a message is found. */
export class HistoryLoader {
  /** The message that the person wants to see. */
  #goal;
  /** What is asked for: { conversation, before }. */
  #asked;
  #send;

  /** `send` gives false while there is no connection. */
  constructor(send) {
    this.#send = send;
  }

  get hasGoal() {
    return this.#goal !== undefined;
  }

  /** Another conversation is shown, perhaps for the sake of one message; or there is a new connection. */
  begin(message) {
    this.#goal = message;
    this.#asked = undefined;
  }

  /** The answer has come, or will not. */
  settle() {
    this.#asked = undefined;
  }

  loadMore(id, { more }) {
    if (more !== undefined) this.#ask(id, more);
  }

  /** After something has come. Gives whether the message that the person wants is nowhere. */
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
