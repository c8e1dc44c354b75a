import type { Duplex } from "node:stream";

import { WebSocket, type RawData } from "ws";

import type { TimeZone } from "../../../domain/time-zone.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { ServerFrame } from "../wire/protocol.ts";
import type { Lane } from "./socket-limits.ts";

/** Above the largest history, which must not cut off the very page that asked for it. */
const mostBufferedBytes = 4 * 1024 * 1024;
const pingEveryMs = 30_000;
const goodbyeMs = 1_000;
const longestRestMs = 5_000;
const mostShowing = 20;
/** Beyond it a reader does not read: answers to its pings would gather. */
const mostBeforePong = 64 * 1024;
/** Of a control frame, beside what it carries. */
const controlBytes = 6;
/** A page that opened so many others since has no look at memory under way that could come late. */
const mostKnown = 200;
/** Beyond these its socket is read no further until some are done. */
const mostWaiting = 32;

/** What a socket hands on, as it arrives. */
export interface ConnectionListener {
  readonly onText: (text: string, connection: Connection) => void;
  readonly onBinary: (connection: Connection) => void;
  /** Frames come too fast; `text` is that of the first one that is not taken. */
  readonly onTooMany: (text: string, connection: Connection) => void;
  readonly onClose: (connection: Connection) => void;
}

/** What a page's connection stands on. */
export interface ConnectionParts {
  readonly socket: WebSocket;
  /** What the socket reads from: every byte counts, also of frames that never end. */
  readonly wire: Duplex;
  readonly lane: Lane;
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
  /** The conversations of which it shows a running text that is void; the whole will follow. */
  readonly voided = new Set<string>();
  /** The conversations that it works with, as far as they are not the work of long ago; the last one stands last. */
  readonly #showing = new Set<string>();
  /** For each conversation the order of the newest look at memory that it was shown. */
  readonly #newest = new Map<string, number>();
  readonly #socket: WebSocket;
  readonly #lane: Lane;
  readonly #clock: Clock;
  readonly #listener: ConnectionListener;
  readonly #pings: NodeJS.Timeout;
  readonly #closed = Promise.withResolvers<void>();
  readonly #over = new AbortController();
  #isAlive = true;
  #isEnding = false;
  #isCutOff = false;
  #waiting = 0;
  #tail: Promise<void> = Promise.resolve();
  #isResting = false;
  #restsUntilMs = 0;

  constructor(
    { socket, wire, lane, clock }: ConnectionParts,
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
    this.#lane = lane;
    this.#clock = clock;
    this.#listener = listener;
    // Before the socket itself reads it: the frames that end in it are counted after it.
    wire.prependListener("data", ({ length }: Buffer) => this.#takeBytes(length));
    lane.onOverflow = () => socket.terminate();
    socket.on("message", (data, isBinary) => this.#takeMessage(data, isBinary));
    socket.on("ping", (data) => {
      if (this.#passes("", data.length + controlBytes) && socket.bufferedAmount < mostBeforePong)
        socket.pong(data);
    });
    socket.on("pong", (data) => {
      this.#isAlive = true;
      this.#passes("", data.length + controlBytes);
    });
    // A socket's fault ends that socket, and `close` follows, also when the other side does not hang up.
    socket.on("error", () => this.#cutSoon());
    socket.on("close", () => {
      clearInterval(this.#pings);
      this.#over.abort();
      lane.leave();
      listener.onClose(this);
      this.#closed.resolve();
    });
    this.#pings = setInterval(() => this.#ping(), pingEveryMs);
  }

  /**
   * Works of one socket are done one after the other: what was said first is stored first. A work never rejects.
   * While many wait, the socket is read no further.
   */
  enqueue(work: () => Promise<void>): void {
    this.#waiting += 1;
    this.#pauseOrResume();
    this.#tail = this.#workAfter(this.#tail, work);
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
    this.#newest.delete(conversation);
    this.#newest.set(conversation, order);
    const [oldest] = this.#newest.keys();
    if (this.#newest.size > mostKnown && oldest !== undefined) this.#newest.delete(oldest);
    return true;
  }

  /** A reader that is too slow is cut off: it comes back and asks for the history. */
  send(frame: ServerFrame): void {
    if (this.isOpen) this.sendEncoded(encoded(frame));
  }

  /** As `send`, for what several pages get: its bytes are in memory once. */
  sendEncoded(frame: Buffer): void {
    if (!this.isOpen) return;
    if (this.#socket.bufferedAmount > mostBufferedBytes) this.close(1013, "too slow");
    else this.#socket.send(frame, { binary: false });
  }

  /** As `sendEncoded`, for a history: it counts against what the person may have of them. */
  sendHistory(frame: Buffer): void {
    this.#restsUntilMs = Math.max(
      this.#restsUntilMs,
      this.#clock.nowMs() + this.#lane.takeHistory(frame.length, this.#clock.nowMs()),
    );
    this.sendEncoded(frame);
  }

  /** Resolves when the person may have another history, or the socket is closed. Never rejects. */
  async rested(): Promise<void> {
    const restMs = Math.min(this.#restsUntilMs - this.#clock.nowMs(), longestRestMs);
    if (restMs > 0) await this.#clock.sleep(restMs, this.#over.signal).catch(() => undefined);
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
    this.#cutSoon();
    await this.#closed.promise;
  }

  async #workAfter(earlier: Promise<void>, work: () => Promise<void>): Promise<void> {
    await earlier;
    await work();
    this.#waiting -= 1;
    this.#pauseOrResume();
  }

  /** Whether a frame is within the limits; `bytes`: of one that may stand between the pieces of another. One that goes on and on beyond them is cut off. */
  #passes(text: string, bytes?: number): boolean {
    if (this.#isEnding) return false;
    const verdict = this.#lane.takeFrame(this.#clock.nowMs(), bytes);
    if (verdict === "warn") this.#listener.onTooMany(text, this);
    if (verdict === "close") {
      this.#isEnding = true;
      this.#isCutOff = true;
      this.close(1008, "too many frames");
      this.#pauseOrResume();
      this.#cutSoon();
    }
    return verdict === "pass";
  }

  #takeMessage(data: RawData, isBinary: boolean): void {
    if (isBinary) {
      if (this.#passes("")) this.#listener.onBinary(this);
      return;
    }
    const text = textOf(data);
    if (this.#passes(text)) this.#listener.onText(text, this);
  }

  #takeBytes(bytes: number): void {
    const restMs = this.#lane.takeBytes(bytes, this.#clock.nowMs());
    if (restMs > 0 && !this.#isResting) void this.#rest(restMs);
  }

  /** Never rejects. */
  async #rest(ms: number): Promise<void> {
    this.#isResting = true;
    this.#pauseOrResume();
    await this.#clock.sleep(ms, this.#over.signal).catch(() => undefined);
    this.#isResting = false;
    this.#pauseOrResume();
  }

  #pauseOrResume(): void {
    const isFull = this.#waiting > mostWaiting || this.#isResting || this.#isCutOff;
    if (isFull && !this.#socket.isPaused) this.#socket.pause();
    else if (!isFull && this.#socket.isPaused) this.#socket.resume();
  }

  #cutSoon(): void {
    const cut = setTimeout(() => this.#socket.terminate(), goodbyeMs);
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
export function encoded(frame: ServerFrame): Buffer {
  return Buffer.from(JSON.stringify(frame));
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.from(data instanceof ArrayBuffer ? new Uint8Array(data) : data).toString();
}
