import { Attachments } from "./attachments.js";
import { sayAboutFiles, showAttachments } from "./attachment-list.js";
import { CommandMenu } from "./command-menu.js";
import { onGivenFiles } from "./dropped-files.js";
import { Recorder } from "./recorder.js";
import { isTouch } from "../common/touch.js";

const find = (id) => document.querySelector(`#${id}`);
const [text, send, stop, chips, chosen] = ["text", "send", "stop", "commands", "files"].map(find);

/** The message box: keeps a draft and the attached files per conversation, and offers the commands. */
export class Composer {
  /** Empty until a conversation is chosen. */
  #conversation = "";
  #isBusy = false;
  /** The message is sent as soon as its files are uploaded. */
  #isDue = false;
  #menu;
  #attachments = new Attachments(() => this.#showFiles());
  #recorder;
  #handlers;

  /** `handlers`: onSay(text, files), onCommand({ name, argument }), onStop(), onBegin(). */
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
    this.#recorder = new Recorder({
      onFile: (file, isToSend) => {
        this.#attach([file]);
        if (isToSend) this.#send();
      },
      onFault: sayAboutFiles,
      onEnd: () => {
        this.#fit();
        text.focus();
      },
    });
    find("attach").addEventListener("click", () => chosen.click());
    chosen.addEventListener("change", () => {
      this.#attach(Array.from(chosen.files));
      // Otherwise the same file could not be chosen again.
      chosen.value = "";
      text.focus();
    });
    onGivenFiles(text, (files) => this.#attach(files));
    stop.addEventListener("click", () => {
      handlers.onStop();
      text.focus();
    });
  }

  setCommands(commands) {
    this.#menu.setCommands(commands);
  }

  /** Whether the server listens to recordings. */
  setVoice(isHeard) {
    this.#recorder.isHeard = isHeard;
    this.#fit();
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

  /** Puts the files of a message that was not sent back: { id, name, mediaType, bytes }. */
  restoreFiles(conversation, files) {
    this.#attachments.restore(conversation, files);
  }

  /** Switches to a conversation's draft. Text typed before any was chosen stays. */
  begin(conversation) {
    const typed = this.#conversation === "" ? text.value : "";
    if (typed !== "") localStorage.removeItem(this.#draftKey);
    this.#conversation = conversation;
    text.value = typed || (localStorage.getItem(this.#draftKey) ?? "");
    this.#isDue = false;
    this.#recorder.cancel();
    sayAboutFiles("");
    this.#attachments.begin(conversation);
    this.#fit();
  }

  /** Shows Stop in place of Send, unless something is typed. */
  showBusy(isBusy) {
    this.#isBusy = isBusy;
    stop.hidden = !isBusy;
    send.hidden = isBusy && this.#isEmpty;
    this.#recorder.offer(this.#isEmpty && !isBusy);
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

  get #isEmpty() {
    return text.value.trim() === "" && this.#attachments.files.length === 0;
  }

  #attach(files) {
    if (files.length === 0) return;
    if (this.#conversation === "") this.#handlers.onBegin();
    const left = this.#attachments.add(files);
    sayAboutFiles(left === 0 ? "" : `A message may have 5 files. I left ${left} out.`);
  }

  #showFiles() {
    showAttachments(this.#attachments.files, {
      onRemove: (file) => this.#attachments.remove(file),
      onRetry: (file) => this.#attachments.retry(file),
    });
    this.showBusy(this.#isBusy);
    if (!this.#isDue || this.#attachments.isSending) return;
    this.#isDue = false;
    sayAboutFiles("");
    if (!this.#attachments.hasFailed) this.#send();
  }

  #send() {
    if (this.#isEmpty) return;
    const written = text.value;
    const command = this.#menu.commandIn(written.trim());
    if (command === undefined && !this.#areFilesReady()) return;
    text.value = "";
    localStorage.removeItem(this.#draftKey);
    // A command takes none: they wait for the next message.
    const files = command === undefined ? this.#attachments.take() : [];
    this.#fit();
    if (command === undefined) this.#handlers.onSay(written, files);
    else this.#handlers.onCommand(command);
  }

  /** A message with a file that failed is not sent without it. */
  #areFilesReady() {
    const { isSending: isUnderWay, hasFailed } = this.#attachments;
    if (hasFailed) sayAboutFiles("A file couldn't be uploaded. Try again, or remove it.");
    else if (isUnderWay) sayAboutFiles("Your message is sent as soon as its files are uploaded.");
    this.#isDue = isUnderWay && !hasFailed;
    return !isUnderWay && !hasFailed;
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
