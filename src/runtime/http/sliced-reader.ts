import type { Duplex } from "node:stream";

/** Bytes that are parsed at once. The worst case, chunks of one byte, takes some milliseconds. */
const sliceBytes = 4 * 1_024;
/** After this time all connections wait for the next turn of the event loop. */
const turnMs = 10;
/** Waiting connections that are resumed in one turn. */
const resumedPerTurn = 64;

type Parse = (bytes: Buffer) => void;

/**
 * Feeds Node's HTTP parser in slices. The parser handles everything that has arrived in one go, however much work a stranger
 * packed into it. All connections share a part of each turn of the event loop. Waiting bytes go back into the socket, so that
 * its end and backpressure stay in order.
 */
export class SlicedReader {
  readonly #readers = new WeakMap<Duplex, Parse>();
  /** Bytes after the slice that is being parsed. */
  readonly #pending = new WeakMap<Duplex, Buffer>();
  /** Connections without a slice in this turn; they are resumed before those in `#served`. */
  readonly #unserved = new Set<Duplex>();
  readonly #served = new Set<Duplex>();
  #turnStartedMs: number | undefined;

  /** @param socket - with the parser as its only `data` listener. A replaced listener keeps Node from bypassing it. */
  attach(socket: Duplex): void {
    const [parse] = socket.listeners("data");
    if (parse === undefined) return;
    const reader = (bytes: Buffer): void =>
      this.#read(socket, bytes, (slice) => void parse.call(socket, slice));
    this.#readers.set(socket, reader);
    socket.removeAllListeners("data").on("data", reader);
  }

  /** Detaches the parser, and returns the unparsed bytes. */
  detach(socket: Duplex): Buffer {
    const rest = this.#pending.get(socket) ?? Buffer.alloc(0);
    this.#pending.delete(socket);
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
      this.#pending.set(socket, rest);
      parse(bytes.subarray(at, at + sliceBytes));
      if (!this.#pending.delete(socket) || socket.destroyed || rest.length === 0) return;
      if (socket.isPaused()) {
        // The body is read more slowly than it arrives. Its reader resumes the socket.
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
    for (const socket of [...this.#unserved, ...this.#served].slice(0, resumedPerTurn)) {
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
