import type { IncomingMessage, ServerResponse } from "node:http";

/** Often enough for limits of seconds. */
const maxCheckMs = 1_000;

interface Unread {
  readonly response: ServerResponse;
  readonly untilMs: number;
}

/**
 * Hangs up on callers whose body takes too long, as Node does at `requestTimeout`. One timer serves all requests: nearly every
 * body is there at once, and a timer for each would cost more than reading it.
 */
export class BodyLimit {
  readonly #timeoutMs: number;
  readonly #unread = new Map<IncomingMessage, Unread>();
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** From the end of the headers on. */
  begin(request: IncomingMessage, response: ServerResponse): void {
    if (request.complete) return;
    this.#unread.set(request, { response, untilMs: performance.now() + this.#timeoutMs });
    this.#timer ??= setInterval(() => this.#check(), Math.min(maxCheckMs, this.#timeoutMs / 4)).unref();
  }

  /** When the request is answered. The rest of its body stays limited. */
  end(request: IncomingMessage): void {
    if (request.complete) this.#unread.delete(request);
  }

  #check(): void {
    const nowMs = performance.now();
    for (const [request, { response, untilMs }] of this.#unread) {
      const isOver = request.complete || request.destroyed;
      if (!isOver && nowMs < untilMs) continue;
      this.#unread.delete(request);
      if (!isOver) hangUp(request, response);
    }
    if (this.#unread.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function hangUp({ socket }: IncomingMessage, { headersSent }: ServerResponse): void {
  if (!headersSent) socket.end("HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n");
  socket.destroySoon();
}
