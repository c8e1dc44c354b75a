import type { IncomingMessage } from "node:http";

/** Each chunk is charged for what it costs beside its bytes: a caller may send them one by one. */
const chunkOverheadBytes = 200;
const withinMs = 10_000;

/** Why there is no body. `gone`: the caller hung up. */
export type NoBody = "too-large" | "too-slow" | "too-many-bytes" | "gone";

interface Reading {
  bytes: number;
  readonly stop: (why: NoBody) => void;
}

/**
 * Reads bodies whose senders are not known yet, all of them out of one budget. When it is exceeded, the largest one is
 * given up: what Slack sends is small, and gets through.
 */
export class BodyBudget {
  readonly #mostBytes: number;
  readonly #readings = new Set<Reading>();
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  /** Reads at most `largest` bytes, and for at most 10 s. Never rejects. */
  async read(request: IncomingMessage, largest: number): Promise<Buffer | NoBody> {
    if (request.destroyed) return "gone";
    const { promise, resolve } = Promise.withResolvers<Buffer | NoBody>();
    const chunks: Buffer[] = [];
    const reading: Reading = { bytes: 0, stop: resolve };
    let bytes = 0;
    const take = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > largest) reading.stop("too-large");
      else chunks.push(chunk);
      this.#charge(reading, chunk.length + chunkOverheadBytes);
    };
    const deadline = setTimeout(() => reading.stop("too-slow"), withinMs);
    this.#readings.add(reading);
    request.on("data", take);
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("close", () => reading.stop("gone"));
    const outcome = await promise;
    clearTimeout(deadline);
    request.off("data", take);
    this.#readings.delete(reading);
    this.#bytes -= reading.bytes;
    return outcome;
  }

  #charge(reading: Reading, bytes: number): void {
    reading.bytes += bytes;
    this.#bytes += bytes;
    if (this.#bytes <= this.#mostBytes) return;
    let largest = reading;
    for (const each of this.#readings) if (each.bytes > largest.bytes) largest = each;
    largest.stop("too-many-bytes");
  }
}
