const longestWaitMs = 15_000;
/** After so many it is asked why: sooner on a new page, since the server has just given it. */
const longAwayTries = 8;
const newPageTries = 2;

/** The WebSocket to the server: comes back by itself, sooner at first, later later. */
export class Link extends EventTarget {
  #socket;
  #tries = 0;
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
    url.searchParams.set("zone", new Intl.DateTimeFormat().resolvedOptions().timeZone ?? "");
    this.#socket = new WebSocket(url);
    this.#socket.addEventListener("open", () => {
      this.#tries = 0;
      this.#wasUp = true;
      this.dispatchEvent(new Event("up"));
    });
    this.#socket.addEventListener("message", ({ data }) => {
      this.dispatchEvent(new CustomEvent("frame", { detail: JSON.parse(data) }));
    });
    this.#socket.addEventListener("close", ({ code, reason }) => {
      this.dispatchEvent(new Event("down"));
      if (code === 1008 && reason === "signed out") this.#tellRefused(401, reason);
      else if (this.#tries >= (this.#wasUp ? longAwayTries : newPageTries)) void this.#askWhy();
      const waitMs = Math.min(longestWaitMs, 300 * 2 ** this.#tries) * (0.5 + Math.random());
      this.#tries += 1;
      setTimeout(() => this.#connect(), waitMs);
    });
  }

  /** A WebSocket doesn't tell a page why it was refused; a POST to the same address does. */
  async #askWhy() {
    try {
      const response = await fetch("chat", { method: "POST" });
      if (response.ok || this.isOpen) return;
      // Only the server's own words: anything else comes from a proxy.
      const { status } = response;
      if ([401, 403, 429].includes(status)) this.#tellRefused(status, await response.text());
    } catch {
      // The server is away.
    }
  }

  #tellRefused(status, reason) {
    this.dispatchEvent(new CustomEvent("refused", { detail: { status, reason } }));
  }
}
