import { CommandMenu } from "./command-menu.js";
import { isTouch } from "./touch.js";

const find = (id) => document.querySelector(`#${id}`);
const [text, send, stop, chips] = ["text", "send", "stop", "commands"].map(find);

/** Where people write: keeps a draft for each conversation, and offers the commands. */
export class Composer {
  /** Empty before one is chosen. */
  #conversation = "";
  #isBusy = false;
  #menu;
  #ears;

  /** `ears`: onSay(text), onOrder({ name, argument }), onStop(). */
  constructor(ears) {
    this.#ears = ears;
    this.#menu = new CommandMenu((name) => ears.onOrder({ name, argument: "" }));
    find("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    text.addEventListener("keydown", (event) => this.#onKey(event));
    text.addEventListener("input", () => {
      localStorage.setItem(this.#draftKey, text.value);
      this.#fit();
    });
    text.enterKeyHint = isTouch() ? "enter" : "send";
    if (isTouch()) find("hint").textContent = "/ for commands.";
    // Before this, what was typed could not be sent: it stays in the field.
    send.disabled = false;
    stop.addEventListener("click", () => {
      ears.onStop();
      text.focus();
    });
  }

  setCommands(commands) {
    this.#menu.setCommands(commands);
  }

  get commandNames() {
    return this.#menu.names;
  }

  /** It was not sent, and is to be seen again. */
  giveBack(written) {
    text.value = text.value === "" ? written : text.value;
    localStorage.setItem(this.#draftKey, text.value);
    this.#fit();
    text.focus();
  }

  /** Another conversation is shown. What was typed before any was chosen stays. */
  begin(conversation) {
    const typed = this.#conversation === "" ? text.value : "";
    if (typed !== "") localStorage.removeItem(this.#draftKey);
    this.#conversation = conversation;
    text.value = typed || (localStorage.getItem(this.#draftKey) ?? "");
    this.#fit();
  }

  /** An answer can be stopped. Send and Stop stand in one place; what is typed meanwhile can be sent. */
  showBusy(isBusy) {
    this.#isBusy = isBusy;
    stop.hidden = !isBusy;
    send.hidden = isBusy && text.value.trim() === "";
  }

  focus() {
    text.focus();
  }

  get #draftKey() {
    return `threadkeeper.draft.${this.#conversation}`;
  }

  #onKey(event) {
    // While an input method composes, Enter chooses a word.
    if (event.isComposing) return;
    const isForMenu = this.#menu.takes(event);
    if (!isForMenu && !isSending(event)) return;
    event.preventDefault();
    if (!isForMenu) this.#send();
  }

  #send() {
    const written = text.value;
    if (written.trim() === "") return;
    text.value = "";
    localStorage.removeItem(this.#draftKey);
    this.#fit();
    const order = this.#menu.orderIn(written.trim());
    if (order === undefined) this.#ears.onSay(written);
    else this.#ears.onOrder(order);
  }

  #fit() {
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight + 2}px`;
    chips.classList.toggle("idle", text.value === "");
    this.#menu.update();
    this.showBusy(this.#isBusy);
  }
}

/** On a keyboard on the screen Enter makes a new line. */
function isSending({ key, shiftKey, ctrlKey, metaKey }) {
  return key === "Enter" && !shiftKey && (!isTouch() || ctrlKey || metaKey);
}
