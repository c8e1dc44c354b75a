import type { Duplex } from "node:stream";

import { WebSocket, type RawData } from "ws";

import type { TimeZone } from "../../../domain/time-zone.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { ServerFrame } from "../wire/protocol.ts";
import { PageConversations } from "./page-conversations.ts";
import { ReadPauses } from "./read-pauses.ts";
import type { SocketAllowance } from "./socket-limits.ts";

/** Above the largest history, which must not cut off the very page that asked for it. */
const maxBufferedBytes = 4 * 1024 * 1024;
const pingIntervalMs = 30_000;
const closeGraceMs = 1_000;
const maxHistoryPauseMs = 5_000;
/** Beyond it a reader does not read: answers to its pings would gather. */
const maxBufferedBeforePong = 64 * 1024;
/** Of a control frame, beside what it carries. */
const controlBytes = 6;
/** What a socket hands on, as it arrives. */
export interface ConnectionListener {
  readonly onText: (text: string, connection: Connection) => void;
  readonly onBinary: (connection: Connection) => void;
  /** Frames come too fast; `text` is that of the first one that is not taken. */
  readonly onTooManyFrames: (text: string, connection: Connection) => void;
  readonly onClose: (connection: Connection) => void;
}

/** What a page's connection stands on. */
export interface ConnectionParts {
  readonly socket: WebSocket;
  /** What the socket reads from: every byte counts, also of frames that never end. */
  readonly rawSocket: Duplex;
  readonly allowance: SocketAllowance;
  readonly clock: Clock;
}

/** One open page. */
export class Connection {
  readonly user: string;
  /** Tells it from all other pages, on all replicas. */
  readonly page: string;
  /** Where it comes from. Missing: from this machine, which is not held to what one address may have. */
  readonly address: string | undefined;
  /** Where its person is, as the browser says. Missing: it doesn't. */
  readonly timeZone: TimeZone | undefined;
  readonly conversations = new PageConversations();
  readonly #socket: WebSocket;
  readonly #allowance: SocketAllowance;
  readonly #clock: Clock;
  readonly #listener: ConnectionListener;
  readonly #pings: NodeJS.Timeout;
  readonly #closed = Promise.withResolvers<void>();
  readonly #ended = new AbortController();
  readonly #pauses: ReadPauses;
  #isAlive = true;
  #isEnding = false;
  #tail: Promise<void> = Promise.resolve();
  #historyPausedUntilMs = 0;

  constructor(
    { socket, rawSocket, allowance, clock }: ConnectionParts,
    who: Pick<Connection, "user" | "page"> & {
      readonly address?: string | undefined;
      readonly timeZone?: TimeZone | undefined;
    },
    listener: ConnectionListener,
  ) {
    this.user = who.user;
    this.page = who.page;
    this.address = who.address;
    this.timeZone = who.timeZone;
    this.#socket = socket;
    this.#allowance = allowance;
    this.#clock = clock;
    this.#listener = listener;
    this.#pauses = new ReadPauses(socket, clock, this.#ended.signal);
    // Before the socket itself reads it: the frames that end in it are countedFrames after it.
    rawSocket.prependListener("data", ({ length }: Buffer) => this.#countBytes(length));
    allowance.onOverflow = () => socket.terminate();
    socket.on("message", (data, isBinary) => this.#receiveMessage(data, isBinary));
    socket.on("ping", (data) => {
      if (this.#isAllowed("", data.length + controlBytes) && socket.bufferedAmount < maxBufferedBeforePong)
        socket.pong(data);
    });
    socket.on("pong", (data) => {
      this.#isAlive = true;
      this.#isAllowed("", data.length + controlBytes);
    });
    // A socket's fault ends that socket, and `close` follows, also when the other side does not hang up.
    socket.on("error", () => this.#cutSoon());
    socket.on("close", () => {
      clearInterval(this.#pings);
      this.#ended.abort();
      allowance.leave();
      listener.onClose(this);
      this.#closed.resolve();
    });
    this.#pings = setInterval(() => this.#ping(), pingIntervalMs);
  }

  /**
   * Works of one socket are done one after the other: what was said first is stored first. A work never rejects.
   * While many wait, the socket is read no further.
   */
  enqueue(work: () => Promise<void>): void {
    this.#pauses.addWaiting(1);
    this.#tail = this.#runAfter(this.#tail, work);
  }

  /** A reader that is too slow is cut off: it comes back and asks for the history. */
  send(frame: ServerFrame): void {
    if (this.isOpen) this.sendEncoded(encodeFrame(frame));
  }

  /** As `send`, for what several pages get: its bytes are in memory once. */
  sendEncoded(frame: Buffer): void {
    if (!this.isOpen) return;
    if (this.#socket.bufferedAmount > maxBufferedBytes) this.close(1013, "too slow");
    else this.#socket.send(frame, { binary: false });
  }

  /** As `sendEncoded`, for a history: it counts against what the person may have of them. */
  sendHistory(frame: Buffer): void {
    this.#historyPausedUntilMs = Math.max(
      this.#historyPausedUntilMs,
      this.#clock.nowMs() + this.#allowance.countHistory(frame.length, this.#clock.nowMs()),
    );
    this.sendEncoded(frame);
  }

  /** Resolves when the person may have another history, or the socket is closed. Never rejects. */
  async whenHistoryAllowed(): Promise<void> {
    const pauseMs = Math.min(this.#historyPausedUntilMs - this.#clock.nowMs(), maxHistoryPauseMs);
    if (pauseMs > 0) await this.#clock.sleep(pauseMs, this.#ended.signal).catch(() => undefined);
  }

  /** For what is long: done when it is on its way, so that much of it makes no reader too slow. Never rejects. */
  sendAndWait(frame: ServerFrame): Promise<void> {
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
    this.#cutSoon();
    await this.#closed.promise;
  }

  async #runAfter(earlier: Promise<void>, work: () => Promise<void>): Promise<void> {
    await earlier;
    await work();
    this.#pauses.addWaiting(-1);
  }

  /** Whether a frame is within the limits; `bytes`: of one that may stand between the pieces of another. One that goes on and on beyond them is cut off. */
  #isAllowed(text: string, bytes?: number): boolean {
    if (this.#isEnding) return false;
    const verdict = this.#allowance.countFrame(this.#clock.nowMs(), bytes);
    if (verdict === "warn") this.#listener.onTooManyFrames(text, this);
    if (verdict === "close") {
      this.#isEnding = true;
      this.close(1008, "too many frames");
      this.#pauses.stop();
      this.#cutSoon();
    }
    return verdict === "pass";
  }

  #receiveMessage(data: RawData, isBinary: boolean): void {
    if (isBinary) {
      if (this.#isAllowed("")) this.#listener.onBinary(this);
      return;
    }
    const text = textOf(data);
    if (this.#isAllowed(text)) this.#listener.onText(text, this);
  }

  #countBytes(bytes: number): void {
    void this.#pauses.throttle(this.#allowance.countBytes(bytes, this.#clock.nowMs()));
  }

  #cutSoon(): void {
    const cut = setTimeout(() => this.#socket.terminate(), closeGraceMs);
    this.#socket.once("close", () => clearTimeout(cut));
  }

  #ping(): void {
    // What is not read can't answer.
    if (this.#socket.isPaused) return;
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    this.#socket.ping();
  }
}

/** As it is sent. */
export function encodeFrame(frame: ServerFrame): Buffer {
  return Buffer.from(JSON.stringify(frame));
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.from(data instanceof ArrayBuffer ? new Uint8Array(data) : data).toString();
}
