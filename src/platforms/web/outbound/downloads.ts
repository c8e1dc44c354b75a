import type { Broadcast } from "../../../ports/broadcast.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Ids } from "../../../ports/ids.ts";
import type { Log } from "../../../ports/log.ts";
import type { TextFile } from "../../../ports/platform-private-replies.ts";
import { FileTransfer } from "./file-transfer.ts";
import { fileEventSchema, type FileEvent, type FileOffer } from "./file-events.ts";
import { FileCache } from "./file-cache.ts";
import type { PageConnections } from "./page-connections.ts";
import type { WebPlace } from "../wire/keys.ts";

const channel = "web-files";
/** The size of a part in UTF-16 code units; small enough not to delay live events. */
const partChars = 64 * 1024;
const cleanupIntervalMs = 60_000;

interface FilePorts {
  readonly broadcast: Broadcast;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly pages: PageConnections;
}

/**
 * Sends files to a person's pages on all replicas. Small files are broadcast. Large ones are announced, and replicas
 * with pages of the person fetch them part by part, as fast as the pages read.
 */
export class Downloads implements Disposable {
  readonly #ports: FilePorts;
  readonly #cache = new FileCache();
  readonly #transfers = new Map<string, FileTransfer>();
  readonly #listening: Disposable;
  readonly #cleanup: NodeJS.Timeout;

  constructor(ports: FilePorts) {
    this.#ports = ports;
    this.#listening = ports.broadcast.listen(channel, (event) => this.#receive(event));
    this.#cleanup = setInterval(() => this.#cache.dropOld(ports.clock.nowMs()), cleanupIntervalMs).unref();
  }

  send({ user, conversation }: WebPlace, { name, mediaType, text }: TextFile): void {
    const { ids, clock } = this.#ports;
    const file = ids.turn();
    const parts = Math.max(1, Math.ceil(text.length / partChars));
    const offer = { kind: "offered", user, conversation, file, name, mediaType, parts } as const;
    if (parts > 1) this.#cache.add(file, text, clock.nowMs());
    this.#publish(parts > 1 ? offer : { ...offer, text });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#cleanup);
    for (const transfer of this.#transfers.values()) transfer[Symbol.dispose]();
    this.#listening[Symbol.dispose]();
  }

  #publish(event: FileEvent): void {
    this.#ports.broadcast.send(channel, event);
  }

  #receive(received: unknown): void {
    const { success, data: event } = fileEventSchema.safeParse(received);
    if (!success) this.#ports.log.debug({ channel }, "ignored a live event of another version");
    else if (event.kind === "offered") this.#startTransfer(event);
    else if (event.kind === "wanted") this.#sendPart(event.file, event.part);
    else void this.#transfers.get(event.file)?.receivePart(event.part, event.text);
  }

  #startTransfer(offer: FileOffer): void {
    const connections = this.#ports.pages.of(offer.user);
    if (connections.length === 0) return;
    const { file, text } = offer;
    const transfer = new FileTransfer(offer, connections, {
      request: (part) => this.#publish({ kind: "wanted", file, part }),
      onEnd: () => this.#transfers.delete(file),
    });
    this.#transfers.set(file, transfer);
    if (text === undefined) transfer.requestNext();
    else void transfer.receivePart(0, text);
  }

  #sendPart(file: string, part: number): void {
    const text = this.#cache.get(file, this.#ports.clock.nowMs());
    if (text === undefined) return;
    this.#publish({
      kind: "brought",
      file,
      part,
      text: text.slice(part * partChars, (part + 1) * partChars),
    });
  }
}
