const prefix = "threadkeeper.outbox.";
/** What a page holds longer than this, it does not hold any more: it was ended without a word. */
const longestHoldMs = 60_000;

/**
 * What was written and is not stored by the server yet; it outlives a reload, and goes out again under the same id.
 * One frame is under way at a time: what was written first arrives first, and a long absence makes no flood. What is held
 * can be taken back until it is let go; a page that is closed meanwhile lets it go.
 */
export class Outbox {
  #frames;
  /** The ids of those that wait for the person, not for the server. */
  #held = new Set();
  /** The id of the frame that the server has not answered. */
  #underWay;
  #wait;
  #send;

  /** `send` gives false while there is no connection. */
  constructor(send) {
    this.#send = send;
    const kept = readKept();
    this.#frames = kept.filter((each) => !isHeldElsewhere(each)).map(({ frame }) => frame);
    for (const each of kept.filter(isHeldElsewhere)) {
      setTimeout(() => this.#adopt(each.frame.id), each.heldUntilMs - Date.now());
    }
    addEventListener("pagehide", () => this.letGoAll());
    // On a phone a page may never hear more than this.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.letGoAll();
    });
  }

  /** In the order in which they were written. */
  get frames() {
    return this.#frames;
  }

  /** What is said or changed in a conversation is not to overtake what was held there. */
  add(frame, { isHeld = false } = {}) {
    this.#letGo(({ conversation }) => conversation === frame.conversation);
    this.#frames = [...this.#frames, frame];
    if (isHeld) this.#held.add(frame.id);
    keep(frame, isHeld ? Date.now() + longestHoldMs : undefined);
    this.#next();
  }

  isHeld(id) {
    return this.#held.has(id);
  }

  /** It goes out now. */
  letGo(id) {
    this.#letGo((frame) => frame.id === id);
  }

  letGoAll() {
    this.#letGo(() => true);
  }

  /** It was held, and is never sent. */
  takeBack(id) {
    if (this.#held.delete(id)) this.#drop((frame) => frame.id === id);
  }

  /** There is a new connection: what was under way may be lost. */
  begin() {
    clearTimeout(this.#wait);
    this.#underWay = undefined;
    this.#next();
  }

  /** The server has answered; gives the frame. */
  settle(id) {
    const settled = this.#frames.find((frame) => frame.id === id);
    this.#drop((frame) => frame.id === id);
    return settled;
  }

  /** It could not be taken now: it goes out again, still before all that was written after it. */
  retry(id, waitMs) {
    if (id !== this.#underWay) return;
    clearTimeout(this.#wait);
    this.#wait = setTimeout(() => this.begin(), waitMs);
  }

  removeConversation(conversation) {
    this.#drop((frame) => frame.conversation === conversation);
  }

  #letGo(isOver) {
    for (const frame of this.#frames) if (isOver(frame) && this.#held.delete(frame.id)) keep(frame);
    this.#next();
  }

  /** Another page held it, and has neither sent it nor taken it back. */
  #adopt(id) {
    const kept = readKept().find(({ frame }) => frame.id === id);
    if (kept === undefined || this.#frames.some((frame) => frame.id === id)) return;
    this.#frames = [...this.#frames, kept.frame];
    this.#next();
  }

  #drop(isDone) {
    for (const { id } of this.#frames.filter(isDone)) {
      localStorage.removeItem(`${prefix}${id}`);
      this.#held.delete(id);
      if (id === this.#underWay) this.#underWay = undefined;
    }
    this.#frames = this.#frames.filter((frame) => !isDone(frame));
    this.#next();
  }

  #next() {
    if (this.#underWay !== undefined) return;
    const first = this.#frames.find(({ id }) => !this.#held.has(id));
    if (first !== undefined && this.#send(first)) this.#underWay = first.id;
  }
}

/** Each under its own key: two tabs share the storage, and neither overwrites what the other keeps. */
function keep(frame, heldUntilMs) {
  try {
    localStorage.setItem(`${prefix}${frame.id}`, JSON.stringify({ atMs: Date.now(), heldUntilMs, frame }));
  } catch {
    // The storage is full: it is sent from here, and only a reload would lose it.
  }
}

/** Of another page, which may take it back. */
function isHeldElsewhere({ heldUntilMs }) {
  return heldUntilMs !== undefined && heldUntilMs > Date.now();
}

function readKept() {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(prefix))
    .map((key) => JSON.parse(localStorage.getItem(key)))
    .toSorted((a, b) => a.atMs - b.atMs);
}
