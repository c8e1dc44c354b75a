import { upload } from "./upload.js";

const maxFiles = 5;
const maxBytes = 20 * 1_024 ** 2;
const atOnce = 2;
const prefix = "threadkeeper.files.";

/**
 * The files that wait for their message, by conversation. Each is { name, mediaType, bytes, state }, where `state` is
 * `waiting`, `sending`, `sent` or `failed`; with `id` once it is sent, `share` while it is, and `fault` if it failed.
 */
export class Attachments {
  #conversation = "";
  #byConversation = new Map();
  #onChange;

  /** `onChange()`: the files of the shown conversation have changed. */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** Shows a conversation. What was uploaded before a reload is still there. */
  begin(conversation) {
    this.#conversation = conversation;
    if (!this.#byConversation.has(conversation))
      this.#byConversation.set(conversation, readSent(conversation));
    this.#onChange();
  }

  /** Of the shown conversation. */
  get files() {
    return this.#byConversation.get(this.#conversation) ?? [];
  }

  get isSending() {
    return this.files.some(({ state }) => state === "waiting" || state === "sending");
  }

  get hasFailed() {
    return this.files.some(({ state }) => state === "failed");
  }

  /** Begins to upload files. Returns how many are too many for one message, and were left out. */
  add(given) {
    const room = Math.max(0, maxFiles - this.files.length);
    for (const file of given.slice(0, room)) {
      const { name = "file", type: mediaType, size: bytes } = file;
      const each = { file, name, mediaType, bytes, conversation: this.#conversation, state: "waiting" };
      if (bytes > maxBytes)
        fail(each, Object.assign(new Error("Too large: 20 MB at most."), { isFinal: true }));
      this.#change((files) => [...files, each]);
    }
    this.#next();
    return Math.max(0, given.length - room);
  }

  /** Puts files that were not sent back in their place: { id, name, mediaType, bytes }. */
  restore(conversation, sent) {
    const known = this.#byConversation.get(conversation) ?? [];
    const back = sent
      .filter(({ id }) => !known.some((each) => each.id === id))
      .map((each) => Object.assign({}, each, { conversation, state: "sent" }));
    this.#byConversation.set(conversation, [...back, ...known]);
    storeSent(conversation, this.#byConversation.get(conversation));
    this.#onChange();
  }

  remove(removed) {
    removed.cancel?.();
    this.#change((files) => files.filter((each) => each !== removed));
    this.#next();
  }

  retry(failed) {
    Object.assign(failed, { state: "waiting", fault: undefined });
    this.#change((files) => files);
    this.#next();
  }

  /** Takes all that are uploaded, for a message. */
  take() {
    const taken = this.files.filter(({ state }) => state === "sent");
    this.#change((files) => files.filter((each) => !taken.includes(each)));
    return taken.map(({ id, name, mediaType, bytes }) => ({ id, name, mediaType, bytes }));
  }

  #change(change, conversation = this.#conversation) {
    const files = change(this.#byConversation.get(conversation) ?? []);
    this.#byConversation.set(conversation, files);
    storeSent(conversation, files);
    if (conversation === this.#conversation) this.#onChange();
  }

  #next() {
    const all = [...this.#byConversation.values()].flat();
    let running = all.filter(({ state }) => state === "sending").length;
    for (const each of all.filter(({ state }) => state === "waiting")) {
      if (running >= atOnce) return;
      running += 1;
      void this.#send(each);
    }
  }

  async #send(each) {
    const controller = new AbortController();
    const show = () => this.#change((files) => files, each.conversation);
    Object.assign(each, { state: "sending", share: 0, cancel: () => controller.abort() });
    show();
    const onProgress = (share) => {
      each.share = share;
      show();
    };
    try {
      const sent = await upload(each.file, each.conversation, { onProgress, signal: controller.signal });
      Object.assign(each, sent, { state: "sent" });
    } catch (error) {
      fail(each, error);
    }
    show();
    this.#next();
  }
}

function fail(each, { message, isFinal = false }) {
  Object.assign(each, { state: "failed", fault: message, isFinal });
}

/** Only what is uploaded outlasts a reload. */
function storeSent(conversation, files) {
  const sent = files.filter(({ state }) => state === "sent");
  const kept = sent.map(({ id, name, mediaType, bytes }) => ({ id, name, mediaType, bytes }));
  try {
    if (kept.length === 0) localStorage.removeItem(prefix + conversation);
    else localStorage.setItem(prefix + conversation, JSON.stringify(kept));
  } catch {
    // The storage is full: only a reload would lose them.
  }
}

function readSent(conversation) {
  const kept = JSON.parse(localStorage.getItem(prefix + conversation) ?? "[]");
  return kept.map((each) => Object.assign({}, each, { conversation, state: "sent" }));
}
