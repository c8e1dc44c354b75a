import { askForText } from "../dialog/ask.js";
import { announce } from "../log/log-view.js";
import { showVerdict, verdictOn } from "../log/reply-buttons.js";
import { conversation, newId, state } from "./state.js";

const spoken = { regenerate: "Answering again", continue: "Going on with the answer" };

/** What the buttons of finished replies do. */
export class ReplyPresses {
  #outbox;
  #show;

  constructor(outbox, show) {
    this.#outbox = outbox;
    this.#show = show;
    // The frames of an earlier page that are not stored yet.
    for (const frame of outbox.frames) this.#showVerdict(frame);
  }

  /** Those of a history. What is not stored yet counts more. */
  showVerdicts(messages) {
    const unsent = new Set(this.#outbox.frames.map(({ on }) => on));
    for (const { on, verdict } of messages)
      if (verdict !== undefined && !unsent.has(on)) showVerdict(on, `thumbs-${verdict}`);
  }

  async press({ id: action, on }) {
    const frame = { type: "press", conversation: state.current, action, on };
    if (action in spoken) {
      if (!conversation().askAgain(on)) return;
      announce(spoken[action]);
      this.#send(frame);
      return;
    }
    if (verdictOn(on) !== action) this.#send(frame);
    await this.#askMore(frame);
  }

  /** The server has stored a press, or has refused it for good. */
  settle({ type, conversation: id, action, on }, { isStored }) {
    if (type === "press" && action in spoken) conversation(id).askAgain(on, isStored);
  }

  /** The press counts already; a text makes a second one. */
  async #askMore(frame) {
    const form = state.forms[frame.action];
    if (form === undefined) return;
    const { title, label, submit, maxChars } = form;
    const choices = [{ value: "send", label: submit }];
    const given = await askForText(title, { text: "", isLong: true, choices, label, maxChars });
    if (given !== undefined && given.text !== "") this.#send({ ...frame, value: given.text });
  }

  #send(frame) {
    this.#showVerdict(frame);
    this.#outbox.add({ id: newId(), ...frame });
    this.#show();
  }

  #showVerdict({ type, action, on }) {
    if (type === "press" && action?.startsWith("thumbs-")) showVerdict(on, action);
  }
}
