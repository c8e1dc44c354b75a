import type { Connection } from "../connection/connection.ts";
import type { Offer } from "./file-events.ts";

const patienceMs = 1_000;
const mostAsks = 5;

interface TransferPorts {
  readonly ask: (part: number) => void;
  readonly onEnd: () => void;
}

/** One file on its way to the pages that were open when it was offered: part after part, each asked for until it comes. */
export class FileTransfer implements Disposable {
  readonly #offer: Offer;
  readonly #connections: readonly Connection[];
  readonly #ports: TransferPorts;
  #next = 0;
  #asks = 0;
  #isHandingOn = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(offer: Offer, connections: readonly Connection[], ports: TransferPorts) {
    this.#offer = offer;
    this.#connections = connections;
    this.#ports = ports;
  }

  /** Asks for the next part. */
  ask(): void {
    if (this.#asks === mostAsks) {
      this.#giveUp();
      return;
    }
    this.#asks += 1;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.ask(), patienceMs);
    this.#ports.ask(this.#next);
  }

  /** Hands a part on, and asks for the one behind it when all pages have taken this one. Never rejects. */
  async take(part: number, text: string): Promise<void> {
    // Another replica asks for the same file, or the answer to an earlier question comes late.
    if (part !== this.#next || this.#isHandingOn) return;
    clearTimeout(this.#timer);
    this.#isHandingOn = true;
    const { conversation, name, mediaType, file, parts } = this.#offer;
    const frame = { type: "file", conversation, name, mediaType, file, part, parts, text } as const;
    await Promise.all(this.#connections.map((each) => each.deliver(frame)));
    this.#isHandingOn = false;
    this.#next += 1;
    this.#asks = 0;
    if (this.#next === this.#offer.parts || this.#connections.every(({ isOpen }) => !isOpen)) this.#end();
    else this.ask();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #giveUp(): void {
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
