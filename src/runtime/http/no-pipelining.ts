import { IncomingMessage, ServerResponse, type ServerOptions } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** Connections whose request was not fully answered before this turn of the event loop. */
const answering = new WeakSet<Duplex>();
/** What had been read from a connection when its last answer ended. */
const readAtEnd = new WeakMap<Duplex, number>();
const sliced = new WeakSet<Duplex>();
let answered: Socket[] = [];

export function isAnswering(socket: Duplex): boolean {
  return answering.has(socket);
}

/** The connection is read in slices from now on. */
export function markSliced(socket: Duplex): void {
  sliced.add(socket);
}

/**
 * A request whose connection must not be parsed further pretends to be an upgrade. Node parses everything in a chunk at once;
 * neither a paused parser nor a destroyed socket stops it, only an upgrade does. `shouldUpgradeCallback` must accept these
 * requests, and the `upgrade` listener decides about the connection.
 */
export class GuardedRequest extends IncomingMessage {
  /** The request was sent before the previous one was answered. Browsers, Slack and proxies don't do that. */
  readonly isPipelined: boolean;
  /** Set by the parser. */
  private parsedUpgrade: unknown;

  constructor(socket: Socket) {
    super(socket);
    this.isPipelined = answering.has(socket) && !isReadSince(socket);
  }

  /** Its body may come in chunks of one byte, each of which costs work. */
  get needsSlicing(): boolean {
    return this.headers["transfer-encoding"] !== undefined && !sliced.has(this.socket);
  }

  get upgrade(): boolean {
    return this.parsedUpgrade === true || this.isPipelined || this.needsSlicing;
  }

  set upgrade(value: unknown) {
    this.parsedUpgrade = value;
  }

  /** Rebuilds the bytes of its head. */
  get head(): Buffer {
    const { method, url, httpVersion, rawHeaders } = this;
    const lines = [`${method} ${url} HTTP/${httpVersion}`];
    for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
    return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  }
}

/** Node creates one for each request, including those that it rejects itself. */
export class GuardedResponse extends ServerResponse<GuardedRequest> {
  constructor(...given: ConstructorParameters<typeof ServerResponse<GuardedRequest>>) {
    super(...given);
    const [{ socket }] = given;
    answering.add(socket);
    readAtEnd.delete(socket);
    this.once("close", () => {
      readAtEnd.set(socket, socket.bytesRead);
      freeNextTurn(socket);
    });
  }
}

/** Whether more was read since the last answer ended. An answer may end before its connection is read in the same turn. */
function isReadSince(socket: Socket): boolean {
  const before = readAtEnd.get(socket);
  return before !== undefined && socket.bytesRead > before;
}

/** A request that is parsed in the same turn as the answer's end came in the same chunk, so it was sent before the answer. */
function freeNextTurn(socket: Socket): void {
  if (answered.length === 0) {
    setImmediate(() => {
      for (const each of answered) answering.delete(each);
      answered = [];
    });
  }
  answered.push(socket);
}

/** Server options that allow each connection one request at a time. */
export const noPipelining = {
  IncomingMessage: GuardedRequest,
  ServerResponse: GuardedResponse,
} satisfies ServerOptions<typeof GuardedRequest, typeof GuardedResponse>;
