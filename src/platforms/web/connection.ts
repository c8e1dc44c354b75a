import { WebSocket, type RawData } from "ws";

import type { ServerFrame } from "./protocol.ts";

/** Above the largest history, which must not cut off the very page that asked for it. */
const mostBufferedBytes = 4 * 1024 * 1024;
const pingEveryMs = 30_000;
const goodbyeMs = 1_000;

/** What a socket hands on, as it arrives. */
export interface ConnectionListener {
  readonly onText: (text: string, connection: Connection) => void;
  readonly onBinary: (connection: Connection) => void;
  readonly onClose: (connection: Connection) => void;
}

/** One open page. */
export class Connection {
  readonly user: string;
  readonly #socket: WebSocket;
  readonly #pings: NodeJS.Timeout;
  readonly #closed = Promise.withResolvers<void>();
  #isAlive = true;
  #isEnding = false;
  #tail: Promise<void> = Promise.resolve();

  constructor(socket: WebSocket, user: string, listener: ConnectionListener) {
    this.user = user;
    this.#socket = socket;
    socket.on("message", (data, isBinary) => {
      if (this.#isEnding) return;
      if (isBinary) listener.onBinary(this);
      else listener.onText(textOf(data), this);
    });
    socket.on("pong", () => {
      this.#isAlive = true;
    });
    // A socket's fault ends that socket, and `close` follows.
    socket.on("error", () => undefined);
    socket.on("close", () => {
      clearInterval(this.#pings);
      listener.onClose(this);
      this.#closed.resolve();
    });
    this.#pings = setInterval(() => this.#ping(), pingEveryMs);
  }

  /** Works of one socket are done one after the other: what was said first is stored first. A work never rejects. */
  enqueue(work: () => Promise<void>): void {
    this.#tail = this.#tail.then(work);
  }

  /** A reader that is too slow is cut off: it comes back and asks for the history. */
  send(frame: ServerFrame): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount > mostBufferedBytes) this.close(1013, "too slow");
    else this.#socket.send(JSON.stringify(frame));
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Takes nothing more, deals with what had arrived, and says goodbye. Never rejects. */
  async end(code: number, reason: string): Promise<void> {
    this.#isEnding = true;
    await this.#tail;
    this.close(code, reason);
    const cut = setTimeout(() => this.#socket.terminate(), goodbyeMs);
    await this.#closed.promise;
    clearTimeout(cut);
  }

  #ping(): void {
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    this.#socket.ping();
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.from(data instanceof ArrayBuffer ? new Uint8Array(data) : data).toString();
}
