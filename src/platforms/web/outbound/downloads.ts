import type { Broadcast } from "../../../ports/broadcast.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { Ids } from "../../../ports/ids.ts";
import type { Log } from "../../../ports/log.ts";
import type { TextFile } from "../../../ports/platform.ts";
import { FileTransfer } from "./file-transfer.ts";
import { fileEventSchema, type FileEvent, type Offer } from "./file-events.ts";
import { KeptFiles } from "./kept-files.ts";
import type { PageConnections } from "./page-connections.ts";
import type { WebPlace } from "../wire/keys.ts";

const channel = "web-files";
/** What goes out at once, in UTF-16 code units: nothing that would hold up the news of growing answers. */
const partChars = 64 * 1024;
const tidyEveryMs = 60_000;

interface FilePorts {
  readonly broadcast: Broadcast;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly pages: PageConnections;
}

/**
 * Brings files to the pages of a person on all replicas. One that is small goes out as it is. Of a larger one the others
 * learn that it is there, and those with pages of the person fetch it part by part, as fast as the pages take it.
 */
export class Downloads implements Disposable {
  readonly #ports: FilePorts;
  readonly #kept = new KeptFiles();
  readonly #transfers = new Map<string, FileTransfer>();
  readonly #listening: Disposable;
  readonly #tidying: NodeJS.Timeout;

  constructor(ports: FilePorts) {
    this.#ports = ports;
    this.#listening = ports.broadcast.listen(channel, (news) => this.#hear(news));
    this.#tidying = setInterval(() => this.#kept.forgetOld(ports.clock.nowMs()), tidyEveryMs).unref();
  }

  give({ user, conversation }: WebPlace, { name, mediaType, text }: TextFile): void {
    const { ids, clock } = this.#ports;
    const file = ids.turn();
    const parts = Math.max(1, Math.ceil(text.length / partChars));
    const offer = { kind: "offered", user, conversation, file, name, mediaType, parts } as const;
    if (parts > 1) this.#kept.keep(file, text, clock.nowMs());
    this.#tell(parts > 1 ? offer : { ...offer, text });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#tidying);
    for (const transfer of this.#transfers.values()) transfer[Symbol.dispose]();
    this.#listening[Symbol.dispose]();
  }

  #tell(news: FileEvent): void {
    this.#ports.broadcast.send(channel, news);
  }

  #hear(heard: unknown): void {
    const { success, data: news } = fileEventSchema.safeParse(heard);
    if (!success) this.#ports.log.debug({ channel }, "news that this version does not know");
    else if (news.kind === "offered") this.#fetch(news);
    else if (news.kind === "wanted") this.#bring(news.file, news.part);
    else void this.#transfers.get(news.file)?.take(news.part, news.text);
  }

  #fetch(offer: Offer): void {
    const connections = this.#ports.pages.of(offer.user);
    if (connections.length === 0) return;
    const { file, text } = offer;
    const transfer = new FileTransfer(offer, connections, {
      ask: (part) => this.#tell({ kind: "wanted", file, part }),
      onEnd: () => this.#transfers.delete(file),
    });
    this.#transfers.set(file, transfer);
    if (text === undefined) transfer.ask();
    else void transfer.take(0, text);
  }

  #bring(file: string, part: number): void {
    const text = this.#kept.read(file, this.#ports.clock.nowMs());
    if (text === undefined) return;
    this.#tell({ kind: "brought", file, part, text: text.slice(part * partChars, (part + 1) * partChars) });
  }
}
