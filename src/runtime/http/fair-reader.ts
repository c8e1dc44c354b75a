import type { Duplex } from "node:stream";

/** What is parsed at once: in the worst case, a body in chunks of one byte, some milliseconds of work. */
const sliceBytes = 4 * 1_024;
/** After this long all wait for the next turn of the event loop. */
const turnMs = 10;
/** How many of those who wait are let on in a turn. */
const atOnce = 64;

type Parse = (bytes: Buffer) => void;

/**
 * Stands between connections and Node's HTTP parser, which works off whatever has come in one go, however much work a
 * stranger packed into it. The parser gets slices, and all connections together a part of each turn of the event loop.
 * What has to wait goes back into its socket, so its end and its backpressure come after it.
 */
export class FairReader {
  readonly #readers = new WeakMap<Duplex, Parse>();
  /** What came behind the slice that is being parsed. */
  readonly #rest = new WeakMap<Duplex, Buffer>();
  /** Those who got nothing in this turn go before those who got something. */
  readonly #unserved = new Set<Duplex>();
  readonly #served = new Set<Duplex>();
  #turnStartedMs: number | undefined;

  /** For a socket whose only listener of `data` is the parser's. A listener besides it keeps Node from reading past it. */
  take(socket: Duplex): void {
    const [parse] = socket.listeners("data");
    if (parse === undefined) return;
    const reader = (bytes: Buffer): void =>
      this.#read(socket, bytes, (slice) => void parse.call(socket, slice));
    this.#readers.set(socket, reader);
    socket.removeAllListeners("data").on("data", reader);
  }

  /** It is no longer the parser's. Gives what had not been parsed. */
  leave(socket: Duplex): Buffer {
    const rest = this.#rest.get(socket) ?? Buffer.alloc(0);
    this.#rest.delete(socket);
    socket.off("data", this.#readers.get(socket) ?? (() => undefined));
    return rest;
  }

  #read(socket: Duplex, bytes: Buffer, parse: Parse): void {
    // The server may have resumed it itself.
    this.#unserved.delete(socket);
    this.#served.delete(socket);
    if (this.#isTurnOver()) {
      wait(socket, bytes, this.#unserved);
      return;
    }
    for (let at = 0; at < bytes.length; at += sliceBytes) {
      const rest = bytes.subarray(at + sliceBytes);
      this.#rest.set(socket, rest);
      parse(bytes.subarray(at, at + sliceBytes));
      if (!this.#rest.delete(socket) || socket.destroyed || rest.length === 0) return;
      if (socket.isPaused()) {
        // The request's body is read more slowly than it comes. Its reader resumes the socket.
        socket.unshift(rest);
        return;
      }
      if (this.#isTurnOver()) {
        wait(socket, rest, this.#served);
        return;
      }
    }
  }

  #isTurnOver(): boolean {
    const nowMs = performance.now();
    if (this.#turnStartedMs !== undefined) return nowMs - this.#turnStartedMs > turnMs;
    this.#turnStartedMs = nowMs;
    setImmediate(() => this.#nextTurn());
    return false;
  }

  #nextTurn(): void {
    this.#turnStartedMs = undefined;
    for (const socket of [...this.#unserved, ...this.#served].slice(0, atOnce)) {
      this.#unserved.delete(socket);
      this.#served.delete(socket);
      socket.resume();
    }
  }
}

function wait(socket: Duplex, bytes: Buffer, among: Set<Duplex>): void {
  socket.pause();
  socket.unshift(bytes);
  among.add(socket);
}
