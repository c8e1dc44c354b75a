import { IncomingMessage, ServerResponse, type ServerOptions } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** Connections with a request that was not answered to the end before this turn of the event loop. */
const answering = new WeakSet<Duplex>();
const sliced = new WeakSet<Duplex>();
let answered: Socket[] = [];

export function isAnswering(socket: Duplex): boolean {
  return answering.has(socket);
}

/** From here on the connection is read in slices: its requests need no more care. */
export function addSliced(socket: Duplex): void {
  sliced.add(socket);
}

/**
 * Node works off all that is in a chunk in one go, whatever a stranger packed into it. Neither a paused parser nor a
 * destroyed socket stops it; only an upgrade ends its reading at once. So requests that are not to be read on like that
 * pose as upgrades: `shouldUpgradeCallback` must take them, and the listener of `upgrade` decides about the connection.
 */
export class Request extends IncomingMessage {
  /** It came before the one before it was answered (HTTP pipelining). Browsers, Slack and proxies don't do that. */
  readonly isEarly: boolean;
  /** What the parser makes of its headers. */
  private saysUpgrade: unknown;

  constructor(socket: Socket) {
    super(socket);
    this.isEarly = answering.has(socket);
  }

  /** Its body may come in chunks of one byte, each with work of its own. */
  get isToSlice(): boolean {
    return this.headers["transfer-encoding"] !== undefined && !sliced.has(this.socket);
  }

  get upgrade(): boolean {
    return this.saysUpgrade === true || this.isEarly || this.isToSlice;
  }

  set upgrade(says: unknown) {
    this.saysUpgrade = says;
  }

  /** The bytes of its head, as far as they mean something. */
  get head(): Buffer {
    const { method, url, httpVersion, rawHeaders } = this;
    const lines = [`${method} ${url} HTTP/${httpVersion}`];
    for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`);
    return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  }
}

/** Node makes one for each request, also for those that it refuses itself. */
export class Response extends ServerResponse<Request> {
  constructor(...given: ConstructorParameters<typeof ServerResponse<Request>>) {
    super(...given);
    const [{ socket }] = given;
    answering.add(socket);
    this.once("close", () => freeNextTurn(socket));
  }
}

/** What an answer's end lets in before the turn is over came in the same chunk: nobody had seen the answer. */
function freeNextTurn(socket: Socket): void {
  if (answered.length === 0) {
    setImmediate(() => {
      for (const each of answered) answering.delete(each);
      answered = [];
    });
  }
  answered.push(socket);
}

/** Options of a server by which each connection has one request at a time. */
export const oneAtATime = {
  IncomingMessage: Request,
  ServerResponse: Response,
} satisfies ServerOptions<typeof Request, typeof Response>;
