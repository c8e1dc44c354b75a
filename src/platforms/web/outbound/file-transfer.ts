import type { Connection } from "../connection/connection.ts";
import type { FileOffer } from "./file-events.ts";

const partTimeoutMs = 1_000;
const maxRequests = 5;

interface TransferPorts {
  readonly request: (part: number) => void;
  readonly onEnd: () => void;
}

/**
 * Sends one file, part by part, to the pages that were open when it was announced. Requests each part until it
 * arrives.
 */
export class FileTransfer implements Disposable {
  readonly #offer: FileOffer;
  readonly #connections: readonly Connection[];
  readonly #ports: TransferPorts;
  #next = 0;
  #requests = 0;
  #isSending = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(offer: FileOffer, connections: readonly Connection[], ports: TransferPorts) {
    this.#offer = offer;
    this.#connections = connections;
    this.#ports = ports;
  }

  /** Requests the next part, again after each timeout; gives up after five requests. */
  requestNext(): void {
    if (this.#requests === maxRequests) {
      this.#fail();
      return;
    }
    this.#requests += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.requestNext(), partTimeoutMs);
    this.#ports.request(this.#next);
  }

  /** Sends a part to the pages, and requests the next when all have read it. Never rejects. */
  async receivePart(part: number, text: string): Promise<void> {
    // Another replica requested it too, or the part is a late repeat.
    if (part !== this.#next || this.#isSending) return;
    clearTimeout(this.#timer);
    this.#isSending = true;
    const { conversation, name, mediaType, file, parts } = this.#offer;
    const frame = { type: "file", conversation, name, mediaType, file, part, parts, text } as const;
    await Promise.all(this.#connections.map((each) => each.sendAndWait(frame)));
    this.#isSending = false;
    this.#next += 1;
    this.#requests = 0;
    if (this.#next === this.#offer.parts || this.#connections.every(({ isOpen }) => !isOpen)) this.#end();
    else this.requestNext();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #fail(): void {
    const { conversation, name } = this.#offer;
    const text = `I couldn't send you the file \`${name}\`. Please ask for it again.`;
    for (const connection of this.#connections) connection.send({ type: "notice", conversation, text });
    this.#end();
  }

  #end(): void {
    this[Symbol.dispose]();
    this.#ports.onEnd();
  }
}
