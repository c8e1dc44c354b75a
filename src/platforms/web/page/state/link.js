const maxWaitMs = 15_000;
/** Failed attempts before asking why; fewer on a new page, which the server has just served. */
const reconnectAttempts = 8;
const newPageAttempts = 2;

/** The WebSocket to the server. Reconnects by itself, with growing waits. */
export class Link extends EventTarget {
  #socket;
  #attempts = 0;
  #wasUp = false;

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

  /** Returns false while disconnected; the frame is not kept. */
  send(frame) {
    if (!this.isOpen) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #connect() {
    const url = new URL("chat", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.hash = "";
    url.searchParams.set("zone", new Intl.DateTimeFormat().resolvedOptions().timeZone ?? "");
    this.#socket = new WebSocket(url);
    this.#socket.addEventListener("open", () => {
      this.#attempts = 0;
      this.#wasUp = true;
      this.dispatchEvent(new Event("up"));
    });
    this.#socket.addEventListener("message", ({ data }) => {
      this.dispatchEvent(new CustomEvent("frame", { detail: JSON.parse(data) }));
    });
    this.#socket.addEventListener("close", ({ code, reason }) => {
      this.dispatchEvent(new Event("down"));
      if (code === 1008 && reason === "signed out") this.#dispatchRefused(401, reason);
      else if (this.#attempts >= (this.#wasUp ? reconnectAttempts : newPageAttempts))
        void this.#fetchRefusal();
      const waitMs = Math.min(maxWaitMs, 300 * 2 ** this.#attempts) * (0.5 + Math.random());
      this.#attempts += 1;
      setTimeout(() => this.#connect(), waitMs);
    });
  }

  /** A page can't read why its WebSocket was refused; a POST to the same address says why. */
  async #fetchRefusal() {
    try {
      const response = await fetch("chat", { method: "POST" });
      if (response.ok || this.isOpen) return;
      // Only our own server's texts; other statuses come from a proxy.
      const { status } = response;
      if ([401, 403, 429].includes(status)) this.#dispatchRefused(status, await response.text());
    } catch {
      // The server is unreachable.
    }
  }

  #dispatchRefused(status, reason) {
    this.dispatchEvent(new CustomEvent("refused", { detail: { status, reason } }));
  }
}
