/**
 * The answers that the person stopped. A stop may be lost with the connection; after reconnecting it is resent if
 * that answer is still being written.
 */
export class Stops {
  #send;
  /** conversation → { frame, questions, isDue }. `questions`: the ids of messages without an answer then. */
  #wanted = new Map();

  constructor(send) {
    this.#send = send;
  }

  press(id, conversation) {
    // A late stop that names its turn ends no other answer.
    const frame = { type: "stop", conversation: id, on: (conversation.running ?? conversation.work)?.by };
    this.#send(frame);
    const questions = conversation.messages.filter((each) => conversation.isPending(each));
    this.#wanted.set(id, { frame, questions: questions.map((each) => each.id), isDue: false });
  }

  /** Call after reconnecting. Returns the conversations to check. */
  begin() {
    for (const wanted of this.#wanted.values()) wanted.isDue = true;
    return [...this.#wanted.keys()];
  }

  /** While true, messages wait: a late stop would stop their answer too. */
  get areDue() {
    return [...this.#wanted.values()].some(({ isDue }) => isDue);
  }

  /** The conversation now has the server's state. */
  settle(id, conversation) {
    const wanted = this.#wanted.get(id);
    if (wanted?.isDue !== true) return;
    const isOn = (each) => wanted.questions.includes(each.id) && conversation.isPending(each);
    if (conversation.messages.some(isOn)) this.#send(wanted.frame);
    this.#wanted.delete(id);
  }

  /** An answer has ended, or its state is unknown. */
  forget(id) {
    if (id === undefined) this.#wanted.clear();
    else this.#wanted.delete(id);
  }
}
