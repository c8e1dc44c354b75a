import type { Broadcast } from "../../../ports/broadcast.ts";
import type { Clock } from "../../../ports/clock.ts";
import { FileStoreError, type FileStore } from "../../../ports/file-store.ts";
import type { Ids } from "../../../ports/ids.ts";
import type { Log } from "../../../ports/log.ts";
import { PlatformError } from "../../../ports/platform-error.ts";
import type { TextFile } from "../../../ports/platform-private-replies.ts";
import { keyFor, type WebPlace } from "../wire/keys.ts";
import { fileEventSchema, type FileOffer } from "./file-events.ts";
import { partBytes, transferFile } from "./file-transfer.ts";
import type { PageConnections } from "./page-connections.ts";

const channel = "web-files";
const encodedChars = 256 * 1_024;
/** A page that reads slowly gets a large file within this time. */
const keptMs = 10 * 60_000;

interface FilePorts {
  readonly files: FileStore;
  readonly broadcast: Broadcast;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly pages: PageConnections;
}

/**
 * Sends files to a person's pages on all replicas. Small files are broadcast. Large ones are stored and announced; each
 * replica with pages of the person reads them from the store.
 */
export class Downloads implements Disposable {
  readonly #ports: FilePorts;
  readonly #closing = new AbortController();
  readonly #listening: Disposable;

  constructor(ports: FilePorts) {
    this.#ports = ports;
    this.#listening = ports.broadcast.listen(channel, (event) => this.#receive(event));
  }

  /** Stores what is large. The result can be announced. @throws {PlatformError} */
  async prepare(
    place: WebPlace,
    { name, mediaType, text }: TextFile,
    signal: AbortSignal,
  ): Promise<FileOffer> {
    const offer = { ...place, file: this.#ports.ids.turn(), name, mediaType };
    // At most three bytes for each code unit.
    if (text.length * 3 <= partBytes) return { ...offer, content: { text } };
    return { ...offer, content: await this.#store(place, offer.file, text, signal) };
  }

  announce(offer: FileOffer): void {
    this.#ports.broadcast.send(channel, offer);
  }

  [Symbol.dispose](): void {
    this.#closing.abort();
    this.#listening[Symbol.dispose]();
  }

  async #store(place: WebPlace, file: string, text: string, signal: AbortSignal) {
    const { files, clock } = this.#ports;
    try {
      const stored = await files.put(encode(text), signal);
      const link = { conversation: keyFor(place), name: `sent/${file}`, untilMs: clock.nowMs() + keptMs };
      await files.link(link, stored.hash, signal);
      return stored;
    } catch (cause) {
      if (!(cause instanceof FileStoreError)) throw cause;
      const kind = cause.kind === "too-large" ? "rejected" : "unreachable";
      throw new PlatformError(kind, "the file can't be stored", { cause });
    }
  }

  #receive(received: unknown): void {
    const { pages, log } = this.#ports;
    const { success, data: offer } = fileEventSchema.safeParse(received);
    if (!success) {
      log.debug({ channel }, "ignored a live event of another version");
      return;
    }
    const connections = pages.of(offer.user);
    if (connections.length === 0) return;
    // Fails only when the chat closes.
    void transferFile(this.#ports, offer, connections, this.#closing.signal).catch(() => undefined);
  }
}

/** In slices, none of which ends within a character. */
async function* encode(text: string): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < text.length;) {
    const to = at + encodedChars;
    const isWithin = /[\uD800-\uDBFF]/u.test(text.charAt(to - 1)) && to < text.length;
    const slice = text.slice(at, isWithin ? to - 1 : to);
    yield Buffer.from(slice);
    at += slice.length;
  }
}
