const prefix = "threadkeeper.outbox.";

/**
 * What was written and is not stored by the server yet; it outlives a reload, and goes out again under the same id.
 * One frame is under way at a time: what was written first arrives first, and a long absence makes no flood.
 */
export class Outbox {
  #frames = readFrames();
  /** The id of the frame that the server has not answered. */
  #underWay;
  #wait;
  #send;

  /** `send` gives false while there is no connection. */
  constructor(send) {
    this.#send = send;
  }

  /** In the order in which they were written. */
  get frames() {
    return this.#frames;
  }

  add(frame) {
    this.#frames = [...this.#frames, frame];
    keep(frame);
    this.#next();
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

  #drop(isDone) {
    for (const { id } of this.#frames.filter(isDone)) {
      localStorage.removeItem(`${prefix}${id}`);
      if (id === this.#underWay) this.#underWay = undefined;
    }
    this.#frames = this.#frames.filter((frame) => !isDone(frame));
    this.#next();
  }

  #next() {
    const [first] = this.#frames;
    if (first === undefined || this.#underWay !== undefined) return;
    if (this.#send(first)) this.#underWay = first.id;
  }
}

/** Each under its own key: two tabs share the storage, and neither overwrites what the other keeps. */
function keep(frame) {
  try {
    localStorage.setItem(`${prefix}${frame.id}`, JSON.stringify({ atMs: Date.now(), frame }));
  } catch {
    // The storage is full: it is sent from here, and only a reload would lose it.
  }
}

function readFrames() {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(prefix))
    .map((key) => JSON.parse(localStorage.getItem(key)))
    .toSorted((a, b) => a.atMs - b.atMs)
    .map(({ frame }) => frame);
}
