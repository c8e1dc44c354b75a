import type { ServerResponse } from "node:http";
import { setImmediate, setTimeout } from "node:timers/promises";

import type { CallStep } from "./script.ts";

/** What a stream says in the words of one API. */
export interface Dialect {
  readonly opening: () => string;
  readonly say: (text: string) => string;
  readonly refuse: (text: string) => string;
  readonly call: (call: CallStep) => string;
  /** The first half of a call; it goes no further. */
  readonly beginCall: (call: CallStep) => string;
  readonly complete: () => string;
  readonly maxOutputTokens: () => string;
  readonly contentFilter: () => string;
  readonly failed: (code: string) => string;
  readonly error: (code: string) => string;
}

/** One server-sent event. */
export function sse(data: unknown, event?: string): string {
  const body = typeof data === "string" ? data : JSON.stringify(data);
  return event === undefined ? `data: ${body}\n\n` : `event: ${event}\ndata: ${body}\n\n`;
}

/** Pieces of a few characters each, as models write. Surrogate pairs stay together. */
export function inParts(text: string): readonly string[] {
  return text.match(/.{1,6}/gsu) ?? [];
}

/** Gathers what is said at one moment into one write: load runs stay cheap. */
export class StreamWriter {
  readonly #response: ServerResponse;
  /** Fires when the client has gone or the server closes. */
  readonly #gone = new AbortController();
  #waiting = "";

  constructor(response: ServerResponse) {
    this.#response = response;
    response.once("close", () => this.#gone.abort());
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
    });
    response.flushHeaders();
  }

  write(frames: string): void {
    this.#waiting += frames;
  }

  flush(): void {
    if (this.#waiting !== "" && !this.#gone.signal.aborted) this.#response.write(this.#waiting);
    this.#waiting = "";
  }

  end(): void {
    this.#response.end(this.#waiting);
  }

  /** False when the client has gone meanwhile. */
  async wait(until: Promise<unknown> | number): Promise<boolean> {
    this.flush();
    const { signal } = this.#gone;
    const gone = this.#whenGone();
    try {
      await Promise.race([
        typeof until === "number" ? setTimeout(until, undefined, { signal }) : until,
        gone,
      ]);
    } catch {
      // Only the client's going ends a wait early.
    }
    return !signal.aborted;
  }

  async writeByteByByte(frame: string): Promise<void> {
    this.flush();
    for (const byte of Buffer.from(frame)) {
      if (this.#gone.signal.aborted) return;
      this.#response.write(Buffer.of(byte));
      await setImmediate();
    }
  }

  /** Resets the connection after these bytes have left. */
  async cut(bytes: Buffer = Buffer.alloc(0)): Promise<void> {
    this.flush();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#response.write(bytes.length === 0 ? ":\n" : bytes, () => resolve());
    await promise;
    // The client reads what has left before it hears of the end.
    await setTimeout(5);
    this.#response.socket?.destroy();
  }

  #whenGone(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (this.#gone.signal.aborted) resolve();
    this.#gone.signal.addEventListener("abort", () => resolve(), { once: true });
    return promise;
  }
}
