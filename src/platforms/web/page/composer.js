import { CommandMenu } from "./command-menu.js";
import { isTouch } from "./touch.js";

const find = (id) => document.querySelector(`#${id}`);
const [text, send, stop, chips] = ["text", "send", "stop", "commands"].map(find);

/** The message box: keeps a draft per conversation and offers the commands. */
export class Composer {
  /** Empty until a conversation is chosen. */
  #conversation = "";
  #isBusy = false;
  #menu;
  #handlers;

  /** `handlers`: onSay(text), onCommand({ name, argument }), onStop(). */
  constructor(handlers) {
    this.#handlers = handlers;
    this.#menu = new CommandMenu((name) => handlers.onCommand({ name, argument: "" }));
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
    // Until now a message could not be sent; the text stays in the field.
    send.disabled = false;
    stop.addEventListener("click", () => {
      handlers.onStop();
      text.focus();
    });
  }

  setCommands(commands) {
    this.#menu.setCommands(commands);
  }

  get commandNames() {
    return this.#menu.names;
  }

  /** Puts a text that was not sent back into the field. */
  restoreText(written) {
    text.value = text.value === "" ? written : text.value;
    localStorage.setItem(this.#draftKey, text.value);
    this.#fit();
    text.focus();
  }

  /** Switches to a conversation's draft. Text typed before any was chosen stays. */
  begin(conversation) {
    const typed = this.#conversation === "" ? text.value : "";
    if (typed !== "") localStorage.removeItem(this.#draftKey);
    this.#conversation = conversation;
    text.value = typed || (localStorage.getItem(this.#draftKey) ?? "");
    this.#fit();
  }

  /** Shows Stop in place of Send, unless something is typed. */
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
    // While an input method composes, Enter picks a word.
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
    const command = this.#menu.commandIn(written.trim());
    if (command === undefined) this.#handlers.onSay(written);
    else this.#handlers.onCommand(command);
  }

  #fit() {
    text.style.height = "auto";
    text.style.height = `${text.scrollHeight + 2}px`;
    chips.classList.toggle("idle", text.value === "");
    this.#menu.update();
    this.showBusy(this.#isBusy);
  }
}

/** On a touch keyboard Enter makes a new line. */
function isSending({ key, shiftKey, ctrlKey, metaKey }) {
  return key === "Enter" && !shiftKey && (!isTouch() || ctrlKey || metaKey);
}
