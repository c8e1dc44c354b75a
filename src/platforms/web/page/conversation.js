/** What the page knows of one conversation. */
export class Conversation {
  messages = [];
  running;
  /** Lines that are not remembered, each behind the message that was last when it came. */
  lines = [];
  isLoaded = false;
  chapter = 1;

  setHistory(messages, chapter) {
    this.messages = messages;
    this.chapter = chapter;
    this.running = undefined;
    this.isLoaded = true;
  }

  addSaid(message) {
    if (this.messages.some(({ id }) => id === message.id)) return;
    this.messages.push({ ...message, chapter: this.chapter });
  }

  addPiece(turn, text) {
    const before = this.running?.turn === turn ? this.running.text : "";
    this.running = { turn, text: before + text };
  }

  finish(turn, text) {
    this.running = undefined;
    if (text !== "") this.addSaid({ id: turn, role: "assistant", text, atMs: Date.now() });
  }

  addLine(kind, text) {
    this.lines.push({ kind, text, after: this.messages.at(-1)?.id });
  }

  change(id, text) {
    this.messages = this.messages.flatMap((message) => {
      if (message.id !== id) return [message];
      return text === undefined ? [] : [{ ...message, text }];
    });
  }
}
