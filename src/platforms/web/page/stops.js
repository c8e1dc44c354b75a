/**
 * The answers that the person has stopped. A stop may be lost with the connection: when there is another one, it goes out
 * again where that very answer is still on its way.
 */
export class Stops {
  #send;
  /** conversation → { questions, isDue }. `questions`: the ids of what had no answer yet. */
  #wanted = new Map();

  constructor(send) {
    this.#send = send;
  }

  press(id, conversation) {
    this.#send({ type: "stop", conversation: id });
    const questions = conversation.messages.filter((each) => conversation.isPending(each));
    this.#wanted.set(id, { questions: questions.map((each) => each.id), isDue: false });
  }

  /** There is a new connection. Gives the conversations that are to be looked at. */
  begin() {
    for (const wanted of this.#wanted.values()) wanted.isDue = true;
    return [...this.#wanted.keys()];
  }

  /** What is said before then waits: a stop that came behind it would stop its answer too. */
  get areDue() {
    return [...this.#wanted.values()].some(({ isDue }) => isDue);
  }

  /** The conversation is as the server has it now. */
  settle(id, conversation) {
    const wanted = this.#wanted.get(id);
    if (wanted?.isDue !== true) return;
    const isOn = (each) => wanted.questions.includes(each.id) && conversation.isPending(each);
    if (conversation.messages.some(isOn)) this.#send({ type: "stop", conversation: id });
    this.#wanted.delete(id);
  }

  /** An answer is over, or nobody can say. */
  forget(id) {
    if (id === undefined) this.#wanted.clear();
    else this.#wanted.delete(id);
  }
}
