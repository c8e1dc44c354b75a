import type { Duplex } from "node:stream";

import { WebSocket, type RawData } from "ws";

import type { TimeZone } from "../../../domain/time-zone.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { ServerFrame } from "../wire/protocol.ts";
import { PageConversations } from "./page-conversations.ts";
import { ReadPauses } from "./read-pauses.ts";
import type { SocketAllowance } from "./socket-limits.ts";

/** More than the largest history, so that it never disconnects the page that asked for it. */
const maxBufferedBytes = 4 * 1024 * 1024;
const pingIntervalMs = 30_000;
const closeGraceMs = 1_000;
const maxHistoryPauseMs = 5_000;
/** A client that does not read gets no more pongs, which would pile up. */
const maxBufferedBeforePong = 64 * 1024;
/** The header and mask of a control frame. */
const controlBytes = 6;
/** Receives a socket's events, in order. */
export interface ConnectionListener {
  readonly onText: (text: string, connection: Connection) => void;
  readonly onBinary: (connection: Connection) => void;
  /** The client sends too fast. `text`: the first frame that was dropped. */
  readonly onTooManyFrames: (text: string, connection: Connection) => void;
  readonly onClose: (connection: Connection) => void;
}

/** What a connection needs. */
export interface ConnectionParts {
  readonly socket: WebSocket;
  /** The stream below the WebSocket: it counts every byte, also those of unfinished frames. */
  readonly rawSocket: Duplex;
  readonly allowance: SocketAllowance;
  readonly clock: Clock;
}

/** The WebSocket of one open page. */
export class Connection {
  readonly user: string;
  /** Unique among all pages on all replicas. */
  readonly page: string;
  /** The client's address. Undefined: this machine, which has no limit per address. */
  readonly address: string | undefined;
  /** The browser's time zone, if it names one. */
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
    // Before the WebSocket reads the bytes, so that they count before the frames that they complete.
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
    // `close` follows, also if the client does not hang up.
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
   * Runs the works of one socket in order: messages are stored in the order sent. `work` must not reject. While many
   * wait, the socket is not read.
   */
  enqueue(work: () => Promise<void>): void {
    this.#pauses.addWaiting(1);
    this.#tail = this.#runAfter(this.#tail, work);
  }

  /** Sends a frame. Disconnects a client that reads too slowly; it reconnects and asks for the history. */
  send(frame: ServerFrame): void {
    if (this.isOpen) this.sendEncoded(encodeFrame(frame));
  }

  /** Like `send`, for a frame to several pages that is encoded once. */
  sendEncoded(frame: Buffer): void {
    if (!this.isOpen) return;
    if (this.#socket.bufferedAmount > maxBufferedBytes) this.close(1013, "too slow");
    else this.#socket.send(frame, { binary: false });
  }

  /** Like `sendEncoded`, for a history: it counts against the person's allowance of histories. */
  sendHistory(frame: Buffer): void {
    this.#historyPausedUntilMs = Math.max(
      this.#historyPausedUntilMs,
      this.#clock.nowMs() + this.#allowance.countHistory(frame.length, this.#clock.nowMs()),
    );
    this.sendEncoded(frame);
  }

  /** Resolves when the person may get another history, or the socket is closed. Never rejects. */
  async whenHistoryAllowed(): Promise<void> {
    const pauseMs = Math.min(this.#historyPausedUntilMs - this.#clock.nowMs(), maxHistoryPauseMs);
    if (pauseMs > 0) await this.#clock.sleep(pauseMs, this.#ended.signal).catch(() => undefined);
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason);
  }

  /** Ignores further frames, finishes those that arrived, and closes. Never rejects. */
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

  /**
   * True if a frame is within the limits. `bytes`: of a control frame, which may arrive between the fragments of
   * another. A client that goes on beyond the limits is disconnected.
   */
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
    // A paused socket can't see the pong.
    if (this.#socket.isPaused) return;
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    this.#socket.ping();
  }
}

/** The bytes of a frame. */
export function encodeFrame(frame: ServerFrame): Buffer {
  return Buffer.from(JSON.stringify(frame));
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.from(data instanceof ArrayBuffer ? new Uint8Array(data) : data).toString();
}
