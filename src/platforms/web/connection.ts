import { WebSocket, type RawData } from "ws";

import type { ServerFrame } from "./protocol.ts";

/** Above the largest history, which must not cut off the very page that asked for it. */
const mostBufferedBytes = 4 * 1024 * 1024;
const pingEveryMs = 30_000;
const goodbyeMs = 1_000;
const mostShowing = 20;

/** What a socket hands on, as it arrives. */
export interface ConnectionListener {
  readonly onText: (text: string, connection: Connection) => void;
  readonly onBinary: (connection: Connection) => void;
  readonly onClose: (connection: Connection) => void;
}

/** One open page. */
export class Connection {
  readonly user: string;
  /** Tells it from all other pages, on all replicas. */
  readonly page: string;
  /** The conversations of which it shows a running text that is void; the whole will follow. */
  readonly voided = new Set<string>();
  /** The conversations that it works with, as far as they are not the work of long ago; the last one stands last. */
  readonly #showing = new Set<string>();
  /** For each conversation the order of the newest look at memory that it was shown. */
  readonly #newest = new Map<string, number>();
  readonly #socket: WebSocket;
  readonly #pings: NodeJS.Timeout;
  readonly #closed = Promise.withResolvers<void>();
  #isAlive = true;
  #isEnding = false;
  #tail: Promise<void> = Promise.resolve();

  constructor(socket: WebSocket, who: Pick<Connection, "user" | "page">, listener: ConnectionListener) {
    this.user = who.user;
    this.page = who.page;
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

  /** Its person has opened a conversation there, or done something in it. */
  worksWith(conversation: string): void {
    this.#showing.delete(conversation);
    this.#showing.add(conversation);
    const [oldest] = this.#showing;
    if (this.#showing.size > mostShowing && oldest !== undefined) this.#showing.delete(oldest);
  }

  shows(conversation: string): boolean {
    return this.#showing.has(conversation);
  }

  /** Whether it has been shown nothing newer; then this is the newest. */
  isNewest(conversation: string, order: number): boolean {
    if (order < (this.#newest.get(conversation) ?? 0)) return false;
    this.#newest.set(conversation, order);
    return true;
  }

  /** A reader that is too slow is cut off: it comes back and asks for the history. */
  send(frame: ServerFrame): void {
    if (!this.isOpen) return;
    if (this.#socket.bufferedAmount > mostBufferedBytes) this.close(1013, "too slow");
    else this.#socket.send(JSON.stringify(frame));
  }

  /** For what is long: done when it is on its way, so that much of it makes no reader too slow. Never rejects. */
  deliver(frame: ServerFrame): Promise<void> {
    if (!this.isOpen) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    // A fault ends the socket, and that is told elsewhere.
    this.#socket.send(JSON.stringify(frame), () => resolve());
    return promise;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
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
