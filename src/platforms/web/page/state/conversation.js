import { signalFields } from "../common/signal-fields.js";

/** The page's state of one conversation. Its fields are signals: see state.js. */
export class Conversation {
  messages = [];
  /**
   * The draft of the answer: { turn, by, covers, actions, isOutdated }. `actions`: the buttons under it. `isOutdated`: the
   * whole draft follows. Its text is apart, because it changes more often.
   */
  running;
  runningText = "";
  /**
   * What the bot does before it writes: { sinceMs, words, makes, by }. `words`: what it looks up. `makes`: what it makes. `by`:
   * the turn, if known.
   */
  work;
  /** Lines that are not stored, each after the message that was last when it came. */
  lines = [];
  isLoaded = false;
  chapter = 1;
  /** The first chapter that still counts; less than `chapter` after an undone reset. */
  since = 1;
  /** Replies before this ordinal can't be given again. */
  window = 1;
  /** Messages before this ordinal are not loaded. Undefined: all are. */
  more;
  /** Loaded messages before this ordinal may be outdated. Undefined: none. */
  outdated;
  /** The server could not read older messages. */
  isCut = false;
  /** Ids of messages answered since the last history. */
  #answered = new Set();
  #lastKey = 0;

  constructor() {
    signalFields(this);
  }

  /**
   * Sets the newest messages. Returns whether a remembered message is gone. Older loaded messages are dropped, or
   * with `mustKeep` marked as outdated.
   */
  setHistory({ messages, chapter, since = chapter, window = 1, more, incomplete = false }, mustKeep) {
    this.removeFaults(({ code }) => code === "memory-unavailable");
    const before = this.messages;
    const kept = mustKeep ? this.messages.filter(({ ordinal }) => ordinal < (more ?? 0)) : [];
    this.outdated = kept.length > 0 ? more : undefined;
    if (kept.length === 0) this.more = more;
    Object.assign(this, { chapter, since, window, isLoaded: true, isCut: incomplete });
    this.#replace([...kept, ...this.#reuseUnchanged(messages)]);
    // An answer that is given again shows the draft until the new one comes, not the old text.
    const isStillGiven = messages.some(({ id, again }) => again === true && id === this.running?.turn);
    this.running = isStillGiven ? { ...this.running, isOutdated: true } : undefined;
    this.#answered.clear();
    this.#wait();
    const ids = new Set(this.messages.map(({ id }) => id));
    return before.some(({ id, ordinal }) => ordinal >= (more ?? 0) && !ids.has(id));
  }

  /** True if a message has no answer yet. */
  get isWaiting() {
    return this.messages.some((message) => this.isPending(message));
  }

  /** True for a stored message that is not remembered or answered yet, and for a reply that is being given again. */
  isPending({ role, ordinal, id, again: isAgain = false }) {
    return isAgain || (role === "user" && ordinal === undefined && !this.#answered.has(id));
  }

  /** True if `work` is not about a reply that is given again, which says so itself. */
  get showsWork() {
    if (this.work === undefined || this.running !== undefined) return false;
    const pending = this.messages.filter((each) => this.isPending(each));
    return pending.length === 0 || pending.some(({ role }) => role === "user");
  }

  /** Marks the reply of turn `on` as being given again, or as not, after all. Returns whether that is new. */
  askAgain(on, isAgain = true) {
    const reply = this.messages.find((each) => each.on === on);
    if (reply === undefined || (reply.again === true) === isAgain) return false;
    const marked = { ...reply, again: isAgain || undefined };
    this.messages = this.messages.map((each) => (each === reply ? marked : each));
    this.#wait();
    return true;
  }

  /** True while an answer can be stopped. */
  get isBusy() {
    return this.running !== undefined || this.work !== undefined || this.isWaiting;
  }

  /** Adds the messages between `more` and `before`. */
  setOlder({ before, messages, more, incomplete = false }) {
    this.isCut = incomplete;
    // The newer messages have changed since, so these don't connect to them.
    if (incomplete || before < (this.more ?? 0)) return;
    this.#replace([
      ...this.messages.filter(({ ordinal }) => ordinal < (more ?? 0)),
      ...this.#reuseUnchanged(messages),
      ...this.messages.filter(({ ordinal }) => !(ordinal < before)),
    ]);
    if ((more ?? 0) < (this.more ?? 0)) this.more = more;
    const isOutdatedBelow = this.outdated === before && (more ?? 0) > (this.more ?? 0);
    if (this.outdated === before) this.outdated = isOutdatedBelow ? more : undefined;
  }

  addSaid(message) {
    if (this.messages.some(({ id }) => id === message.id)) return;
    this.messages = [...this.messages, { ...message, chapter: this.chapter }];
    this.#wait();
  }

  /** `words`: what is looked up. `makes`: what is made. Neither: the model is thinking. */
  setWork({ words, makes, by = this.work?.by }) {
    this.work = { sinceMs: Date.now(), words, makes, by };
  }

  /** `covers`: the messages that it answers; known from the first piece on. */
  addPiece({ turn, by, text, covers, actions }) {
    const known = this.running?.turn === turn && this.running.isOutdated !== true ? this.running : undefined;
    const running = {
      turn,
      by: by ?? turn,
      covers: known?.covers ?? covers ?? [],
      actions: actions ?? known?.actions ?? [],
    };
    if (JSON.stringify(running) !== JSON.stringify(known)) this.running = running;
    this.runningText = known === undefined ? text : this.runningText + text;
    this.work = undefined;
  }

  /** The answer stands in the place of the one that it replaces. */
  finish({ turn, text, covers, role = "assistant", on, cut, files }) {
    this.running = undefined;
    for (const id of covers) this.#answered.add(id);
    this.work = undefined;
    const at = this.messages.findIndex(({ id }) => id === turn);
    const { atMs = Date.now(), chapter = this.chapter, ordinal } = this.messages[at] ?? {};
    const answer = { id: turn, role, text, atMs, chapter, ordinal, on, cut, files };
    const place = at === -1 ? this.placeBehind(covers) : at;
    if (text !== "") this.messages = this.messages.toSpliced(place, at === -1 ? 0 : 1, answer);
    this.#wait();
  }

  /** The index before which the draft stands. -1: there is none, or it stands for the answer that is given again. */
  get placeOfRunning() {
    const { running, messages } = this;
    if (running === undefined || messages.some(({ id }) => id === running.turn)) return -1;
    return this.placeBehind(running.covers);
  }

  /** The index after the last covered message: quick questions stay with their answers. */
  placeBehind(covers) {
    const last = this.messages.findLastIndex(({ id }) => covers.includes(id));
    return last === -1 ? this.messages.length : last + 1;
  }

  /**
   * Adds { kind, text }: a "notice" of the bot, a "fault", or a "file" with { name, url, bytes } in place of a text. `offer`: { id,
   * choices }, buttons of which the first press counts.
   */
  addLine(line) {
    this.#lastKey += 1;
    const more = { key: this.#lastKey, after: this.messages.at(-1)?.id, atMs: Date.now() };
    this.lines = [...this.lines, { ...line, ...more }];
  }

  /** True if a line has a button that undoes a reset. */
  get offersUndo() {
    return this.lines.some(({ offer }) => offer?.choices.some(({ argument }) => argument === "undo"));
  }

  /** Removes the buttons of an offer, or of all lines if `id` is missing. */
  dropButtons(id) {
    this.lines = this.lines.map((line) => {
      const isMeant = line.offer !== undefined && (id === undefined || line.offer.id === id);
      return isMeant ? { ...line, offer: undefined } : line;
    });
  }

  /** Removes notices from before a moment: they may quote what is being erased. Files stay. */
  dropLinesBefore(atMs) {
    this.lines = this.lines.filter((line) => line.kind !== "notice" || line.atMs >= atMs);
  }

  /** Adds an error line of the server, or replaces the same one. */
  addFault({ message, code, reference, id }) {
    this.removeFaults((fault) => fault.code === code && fault.id === id);
    const text = `${code === "not-stored" ? "Not saved yet. I'll keep trying." : message} (Reference: ${reference})`;
    this.addLine({ kind: "fault", text, code, id });
  }

  removeFaults(isOver) {
    this.lines = this.lines.filter((line) => line.kind !== "fault" || !isOver(line));
  }

  /** `text` undefined: the message is deleted. */
  change(id, text) {
    const changed = this.messages.map((each) => (each.id === id ? { ...each, text } : each));
    this.#replace(changed.filter((each) => each.text !== undefined));
    this.#wait();
  }

  #wait() {
    if (!this.isWaiting) this.work = undefined;
    else this.work ??= { sinceMs: Date.now() };
  }

  /** Unchanged messages keep their object, so they are not drawn again. */
  #reuseUnchanged(messages) {
    const known = new Map(this.messages.map((message) => [message.id, message]));
    return messages.map((message) => {
      const before = known.get(message.id) ?? {};
      const keys = new Set([...Object.keys(message), "on", "cut", "again", "files"]);
      return [...keys].every((key) => isSame(before[key], message[key])) ? before : message;
    });
  }

  /** A line whose message is gone moves after the message before. */
  #replace(messages) {
    const ids = new Set(messages.map(({ id }) => id));
    const before = this.messages;
    this.lines = this.lines.map((line) => {
      if (line.after === undefined || ids.has(line.after)) return line;
      const at = before.findIndex(({ id }) => id === line.after);
      return { ...line, after: before.slice(0, Math.max(at, 0)).findLast(({ id }) => ids.has(id))?.id };
    });
    this.messages = messages.map((each) => this.#aged(each));
  }

  #aged(message) {
    const { on, ordinal = this.window, chapter = this.chapter, isOld = false } = message;
    const isNowOld = on !== undefined && (ordinal < this.window || chapter < this.since);
    return isNowOld === isOld ? message : { ...message, isOld: isNowOld };
  }
}

function isSame(one, other) {
  return one === other || (Array.isArray(one) && JSON.stringify(one) === JSON.stringify(other));
}
