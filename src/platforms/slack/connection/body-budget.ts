import type { IncomingMessage } from "node:http";

/** Memory that each chunk costs beside its bytes: a caller may send them one by one. */
const chunkOverheadBytes = 200;
const readTimeoutMs = 10_000;

/** Why a body could not be read. `gone`: the caller hung up. */
export type BodyFailure = "too-large" | "too-slow" | "too-many-bytes" | "gone";

interface PendingRead {
  bytes: number;
  readonly stop: (why: BodyFailure) => void;
}

/**
 * Reads bodies whose senders are not verified yet; all of them share one memory budget. When it is exceeded, the largest
 * body is dropped: Slack's own are small and get through.
 */
export class BodyBudget {
  readonly #maxBytes: number;
  readonly #readings = new Set<PendingRead>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Reads at most `maxBytes`, for at most 10 s. Never rejects. */
  async read(request: IncomingMessage, maxBytes: number): Promise<Buffer | BodyFailure> {
    if (request.destroyed) return "gone";
    const { promise, resolve } = Promise.withResolvers<Buffer | BodyFailure>();
    const chunks: Buffer[] = [];
    const reading: PendingRead = { bytes: 0, stop: resolve };
    let bytes = 0;
    const addChunk = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > maxBytes) reading.stop("too-large");
      else chunks.push(chunk);
      this.#charge(reading, chunk.length + chunkOverheadBytes);
    };
    const deadline = setTimeout(() => reading.stop("too-slow"), readTimeoutMs);
    this.#readings.add(reading);
    request.on("data", addChunk);
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("close", () => reading.stop("gone"));
    const outcome = await promise;
    clearTimeout(deadline);
    request.off("data", addChunk);
    this.#readings.delete(reading);
    this.#bytes -= reading.bytes;
    return outcome;
  }

  #charge(reading: PendingRead, bytes: number): void {
    reading.bytes += bytes;
    this.#bytes += bytes;
    if (this.#bytes <= this.#maxBytes) return;
    let largest = reading;
    for (const each of this.#readings) if (each.bytes > largest.bytes) largest = each;
    largest.stop("too-many-bytes");
  }
}
