/** What the page knows of one conversation. */
export class Conversation {
  messages = [];
  /** The answer that is being written: { turn, text, covers }. */
  running;
  /** What the bot does before it writes: { sinceMs, words }. `words`: what it looks up. */
  work;
  /** Lines that are not remembered, each behind the message that was last when it came. */
  lines = [];
  isLoaded = false;
  chapter = 1;
  /** The first chapter that is still used: below `chapter` where a fresh start was undone. */
  since = 1;
  /** What stands before this ordinal is not here. Undefined: that is the beginning. */
  more;
  /** What is here from before this ordinal may read differently by now. Undefined: nothing. */
  outdated;
  /** What is older could not be read. */
  isCut = false;
  /** Ids of messages that were answered since the history came. */
  #answered = new Set();
  /** Files of which parts have come: id → { name, mediaType, texts, parts }. */
  #files = new Map();

  /**
   * The newest messages. Gives whether something is gone that was remembered. What was loaded before them goes, unless it is to be kept: then
   * it is outdated.
   */
  setHistory({ messages, chapter, since = chapter, more, incomplete = false }, mustKeep) {
    this.removeFaults(({ code }) => code === "memory-unavailable");
    const before = this.messages;
    const kept = mustKeep ? this.messages.filter(({ ordinal }) => ordinal < (more ?? 0)) : [];
    this.outdated = kept.length > 0 ? more : undefined;
    if (kept.length === 0) this.more = more;
    this.#replace([...kept, ...this.#asKnown(messages)]);
    Object.assign(this, { chapter, since, running: undefined, isLoaded: true, isCut: incomplete });
    this.#answered.clear();
    this.#wait();
    const ids = new Set(this.messages.map(({ id }) => id));
    return before.some(({ id, ordinal }) => ordinal >= (more ?? 0) && !ids.has(id));
  }

  /** Something was said that no answer covers yet. */
  get isWaiting() {
    return this.messages.some((message) => this.isPending(message));
  }

  /** It is stored, and not remembered or answered yet. */
  isPending({ role, ordinal, id }) {
    return role === "user" && ordinal === undefined && !this.#answered.has(id);
  }

  /** There is an answer to be stopped. */
  get isBusy() {
    return this.running !== undefined || this.work !== undefined || this.isWaiting;
  }

  /** What stands between `more` and `before`. */
  setOlder({ before, messages, more, incomplete = false }) {
    this.isCut = incomplete;
    // What is newer has moved on meanwhile: this does not reach up to it.
    if (incomplete || before < (this.more ?? 0)) return;
    this.#replace([
      ...this.messages.filter(({ ordinal }) => ordinal < (more ?? 0)),
      ...this.#asKnown(messages),
      ...this.messages.filter(({ ordinal }) => !(ordinal < before)),
    ]);
    if ((more ?? 0) < (this.more ?? 0)) this.more = more;
    const isOutdatedBelow = this.outdated === before && (more ?? 0) > (this.more ?? 0);
    if (this.outdated === before) this.outdated = isOutdatedBelow ? more : undefined;
  }

  addSaid(message) {
    if (this.messages.some(({ id }) => id === message.id)) return;
    this.messages.push({ ...message, chapter: this.chapter });
    this.#wait();
  }

  /** `words`: what is looked up. Missing: the answer is being thought of. */
  setWork(words) {
    this.work = { sinceMs: Date.now(), words };
  }

  /** `covers`: the messages that it answers; known from the first piece on. */
  addPiece({ turn, text, covers }) {
    const known = this.running?.turn === turn ? this.running : undefined;
    this.running = { turn, text: (known?.text ?? "") + text, covers: known?.covers ?? covers ?? [] };
    this.work = undefined;
  }

  finish({ turn, text, covers }) {
    this.running = undefined;
    for (const id of covers) this.#answered.add(id);
    this.work = undefined;
    this.#wait();
    if (text === "" || this.messages.some(({ id }) => id === turn)) return;
    const answer = { id: turn, role: "assistant", text, atMs: Date.now(), chapter: this.chapter };
    this.messages.splice(this.placeBehind(covers), 0, answer);
  }

  /** Where an answer to these stands among the messages: quick questions stay with their answers. */
  placeBehind(covers) {
    const last = this.messages.findLastIndex(({ id }) => covers.includes(id));
    return last === -1 ? this.messages.length : last + 1;
  }

  /** `buttons`: { label, order, isFinal }, which order something; the first that is pressed counts. */
  addLine(kind, text, buttons = []) {
    this.lines.push({ kind, text, buttons, atMs: Date.now(), after: this.messages.at(-1)?.id });
  }

  /** Of the bot to this person alone. `offer`: its buttons, see Offer. */
  addNotice(text, { id, choices } = { choices: [] }) {
    const buttons = choices.map(({ label, name, argument, isDangerous: isFinal = false }) => ({
      label,
      order: { id, name, argument },
      isFinal,
    }));
    this.addLine("notice", text, buttons);
  }

  /** A line has a button that undoes what was done last. */
  get offersUndo() {
    return this.lines.some(({ buttons = [] }) => buttons.some(({ order }) => order.argument === "undo"));
  }

  /** One was pressed, or they are no longer right. Missing: those of all lines. */
  dropButtons(order) {
    this.lines = this.lines.map((line) => {
      const isMeant =
        line.buttons?.some((each) => order === undefined || each.order.id === order.id) === true;
      return isMeant ? Object.assign({}, line, { buttons: [] }) : line;
    });
  }

  /** What was said before a moment may be quoted in lines, and is forgotten: they go. Files are as they were given. */
  dropLinesBefore(atMs) {
    this.lines = this.lines.filter((line) => line.kind !== "notice" || line.atMs >= atMs);
  }

  /** Gives whether the file is whole now, and has its line. */
  addFilePart({ file, name, mediaType, part, parts, text }) {
    const known = this.#files.get(file) ?? { name, texts: [] };
    known.texts[part] = text;
    this.#files.set(file, known);
    if (part < parts - 1) return false;
    this.#files.delete(file);
    // Never shown as a page of ours, whatever it says it is.
    const blob = new Blob(known.texts, { type: "application/octet-stream" });
    const url = URL.createObjectURL(blob);
    this.lines.push({
      kind: "file",
      name,
      mediaType,
      url,
      bytes: blob.size,
      after: this.messages.at(-1)?.id,
    });
    return true;
  }

  /** The connection was lost: what had come in part does not go on. Gives the names. */
  dropFileParts() {
    const names = Array.from(this.#files.values(), ({ name }) => name);
    this.#files.clear();
    return names;
  }

  /** The same fault again takes the place of the first. `message`, `code`, `reference` and the frame's `id` are the server's. */
  addFault({ message, code, reference, id }) {
    this.removeFaults((fault) => fault.code === code && fault.id === id);
    const text = `${code === "not-stored" ? "Not saved yet. I'll keep trying." : message} (Reference: ${reference})`;
    this.lines.push({ kind: "fault", text, code, id, after: this.messages.at(-1)?.id });
  }

  removeFaults(isOver) {
    this.lines = this.lines.filter((line) => line.kind !== "fault" || !isOver(line));
  }

  change(id, text) {
    const changed = this.messages.flatMap((message) => {
      if (message.id !== id) return [message];
      return text === undefined ? [] : [{ ...message, text }];
    });
    this.#replace(changed);
    this.#wait();
  }

  /** Lets go of what the browser keeps for it. */
  forget() {
    for (const { url } of this.lines) if (url !== undefined) URL.revokeObjectURL(url);
  }

  #wait() {
    if (!this.isWaiting) this.work = undefined;
    else this.work ??= { sinceMs: Date.now() };
  }

  /** What reads as before stays the same object: it need not be drawn again. */
  #asKnown(messages) {
    const known = new Map(this.messages.map((message) => [message.id, message]));
    return messages.map((message) => {
      const before = known.get(message.id) ?? {};
      return Object.keys(message).every((key) => before[key] === message[key]) ? before : message;
    });
  }

  /** A line whose message goes stands behind the one before. */
  #replace(messages) {
    const ids = new Set(messages.map(({ id }) => id));
    for (const line of this.lines) {
      if (line.after === undefined || ids.has(line.after)) continue;
      const at = this.messages.findIndex(({ id }) => id === line.after);
      line.after = this.messages.slice(0, Math.max(at, 0)).findLast(({ id }) => ids.has(id))?.id;
    }
    this.messages = messages;
  }
}
