import { signal } from "@preact/signals";

const prefix = "threadkeeper.outbox.";
/** A hold that lasts longer was left by a page that ended abruptly. */
const maxHoldMs = 60_000;

/**
 * Frames that the server has not stored yet. They survive a reload, and are resent under the same id. One frame is
 * under way at a time, which keeps their order and avoids floods. A held frame can be cancelled until it is released;
 * closing its page releases it.
 */
export class Outbox {
  #frames = signal([]);
  /** The ids of held frames. */
  #held = new Set();
  /** The id of the frame without a response yet. */
  #underWay;
  #wait;
  #send;

  /** `send` returns false while disconnected. */
  constructor(send) {
    this.#send = send;
    const kept = readStored();
    this.#frames.value = kept.filter((each) => !isHeldElsewhere(each)).map(({ frame }) => frame);
    for (const each of kept.filter(isHeldElsewhere)) {
      setTimeout(() => this.#adoptHeld(each.frame.id), each.heldUntilMs - Date.now());
    }
    addEventListener("pagehide", () => this.releaseAll());
    // On phones this may be a page's last event.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.releaseAll();
    });
  }

  /** In the order of writing. A signal: see state.js. */
  get frames() {
    return this.#frames.value;
  }

  /** Adds a frame. Releases held frames of its conversation first, to keep their order. */
  add(frame, { isHeld = false } = {}) {
    this.#release(({ conversation }) => conversation === frame.conversation);
    this.#frames.value = [...this.#frames.value, frame];
    if (isHeld) this.#held.add(frame.id);
    storeFrame(frame, isHeld ? Date.now() + maxHoldMs : undefined);
    this.#next();
  }

  isHeld(id) {
    return this.#held.has(id);
  }

  /** Sends a held frame now. */
  release(id) {
    this.#release((frame) => frame.id === id);
  }

  releaseAll() {
    this.#release(() => true);
  }

  /** Drops a held frame; it is never sent. */
  cancel(id) {
    if (this.#held.delete(id)) this.#drop((frame) => frame.id === id);
  }

  /** Call after reconnecting: the frame under way may be lost. */
  begin() {
    clearTimeout(this.#wait);
    this.#underWay = undefined;
    this.#next();
  }

  /** The server has responded. Returns the frame. */
  settle(id) {
    const settled = this.#frames.value.find((frame) => frame.id === id);
    this.#drop((frame) => frame.id === id);
    return settled;
  }

  /** The server could not store it now: resends it later, still before the frames after it. */
  retry(id, waitMs) {
    if (id !== this.#underWay) return;
    clearTimeout(this.#wait);
    this.#wait = setTimeout(() => this.begin(), waitMs);
  }

  removeConversation(conversation) {
    this.#drop((frame) => frame.conversation === conversation);
  }

  #release(isOver) {
    for (const frame of this.#frames.value)
      if (isOver(frame) && this.#held.delete(frame.id)) storeFrame(frame);
    this.#next();
  }

  /** Takes over a frame that another page held and neither sent nor cancelled. */
  #adoptHeld(id) {
    const kept = readStored().find(({ frame }) => frame.id === id);
    if (kept === undefined || this.#frames.value.some((frame) => frame.id === id)) return;
    this.#frames.value = [...this.#frames.value, kept.frame];
    this.#next();
  }

  #drop(isDone) {
    for (const { id } of this.#frames.value.filter(isDone)) {
      localStorage.removeItem(prefix + id);
      this.#held.delete(id);
      if (id === this.#underWay) this.#underWay = undefined;
    }
    this.#frames.value = this.#frames.value.filter((frame) => !isDone(frame));
    this.#next();
  }

  #next() {
    if (this.#underWay !== undefined) return;
    const first = this.#frames.value.find(({ id }) => !this.#held.has(id));
    if (first !== undefined && this.#send(first)) this.#underWay = first.id;
  }
}

/** One key per frame: tabs share the storage and must not overwrite each other. */
function storeFrame(frame, heldUntilMs) {
  try {
    localStorage.setItem(`${prefix}${frame.id}`, JSON.stringify({ atMs: Date.now(), heldUntilMs, frame }));
  } catch {
    // The storage is full: only a reload would lose the frame.
  }
}

/** True for a frame that another page holds and may cancel. */
function isHeldElsewhere({ heldUntilMs }) {
  return heldUntilMs !== undefined && heldUntilMs > Date.now();
}

function readStored() {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(prefix))
    .map((key) => JSON.parse(localStorage.getItem(key)))
    .toSorted((a, b) => a.atMs - b.atMs);
}
