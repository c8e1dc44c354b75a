const longestWaitMs = 15_000;

/** The WebSocket to the server: comes back by itself, sooner at first, later later. */
export class Link extends EventTarget {
  #socket;
  #tries = 0;

  constructor() {
    super();
    this.#connect();
    addEventListener("online", () => {
      if (!this.isOpen) this.#socket.close();
    });
  }

  get isOpen() {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** False while there is no connection; nothing is kept. */
  send(frame) {
    if (!this.isOpen) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #connect() {
    const url = new URL("chat", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.hash = "";
    this.#socket = new WebSocket(url);
    this.#socket.addEventListener("open", () => {
      this.#tries = 0;
      this.dispatchEvent(new Event("up"));
    });
    this.#socket.addEventListener("message", ({ data }) => {
      this.dispatchEvent(new CustomEvent("frame", { detail: JSON.parse(data) }));
    });
    this.#socket.addEventListener("close", () => {
      this.dispatchEvent(new Event("down"));
      const waitMs = Math.min(longestWaitMs, 300 * 2 ** this.#tries) * (0.5 + Math.random());
      this.#tries += 1;
      setTimeout(() => this.#connect(), waitMs);
    });
  }
}
