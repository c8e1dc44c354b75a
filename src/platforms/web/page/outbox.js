const key = "threadkeeper.outbox";

/** What was written and is not stored by the server yet; it outlives a reload, and goes out again under the same id. */
export class Outbox {
  #frames = readFrames();

  get frames() {
    return this.#frames;
  }

  add(frame) {
    this.#frames = [...this.#frames, frame];
    this.#save();
  }

  remove(id) {
    this.#frames = this.#frames.filter((frame) => frame.id !== id);
    this.#save();
  }

  removeConversation(conversation) {
    this.#frames = this.#frames.filter((frame) => frame.conversation !== conversation);
    this.#save();
  }

  #save() {
    localStorage.setItem(key, JSON.stringify(this.#frames));
  }
}

function readFrames() {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "[]");
  } catch {
    return [];
  }
}
