import { once } from "node:events";

import { WebSocket } from "ws";

import type { ServerFrame } from "../../../src/platforms/web/wire/protocol.ts";
import { questionText } from "../stand-in/marks.ts";

const conversation = "c1";
/** A question without an answer after this time is lost. */
const patienceMs = 60_000;

/** How long one question took, in ms. */
export interface WebAnswer {
  readonly firstTextMs: number;
  readonly completeMs: number;
}

interface Asked {
  readonly atMs: number;
  readonly complete: (answer: WebAnswer | undefined) => void;
  firstTextMs: number | undefined;
}

/** A person with an open page of the web chat, without the page. */
export class WebPerson {
  /** Answers that came without a question. */
  doubled = 0;
  readonly #number: number;
  readonly #socket: WebSocket;
  readonly #opened = Promise.withResolvers<void>();
  #questions = 0;
  #asked: Asked | undefined;

  private constructor(number: number, url: string) {
    this.#number = number;
    this.#socket = new WebSocket(`${url.replace("http", "ws")}/chat`);
    this.#socket.on("message", (data: Buffer) => this.#take(JSON.parse(data.toString())));
  }

  /** Opens the page: the socket, and its conversation. */
  static async open(number: number, url: string): Promise<WebPerson> {
    const person = new WebPerson(number, url);
    await once(person.#socket, "open");
    person.#send({ type: "open", conversation });
    await person.#opened.promise;
    return person;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Resolves when the answer is complete; to undefined if it does not come. */
  async ask(): Promise<WebAnswer | undefined> {
    this.#questions += 1;
    const { promise, resolve } = Promise.withResolvers<WebAnswer | undefined>();
    const timer = setTimeout(() => resolve(undefined), patienceMs);
    this.#asked = { atMs: performance.now(), complete: resolve, firstTextMs: undefined };
    const question = { conversation: this.#number, number: this.#questions };
    this.#send({ type: "say", id: `m${this.#questions}`, conversation, text: questionText(question) });
    const answer = await promise;
    clearTimeout(timer);
    this.#asked = undefined;
    return answer;
  }

  leave(): void {
    this.#socket.terminate();
  }

  #send(frame: Readonly<Record<string, string>>): void {
    this.#socket.send(JSON.stringify(frame));
  }

  #take(frame: ServerFrame): void {
    if (frame.type === "history") this.#opened.resolve();
    const asked = this.#asked;
    if (frame.type === "piece" && frame.text !== "" && asked !== undefined)
      asked.firstTextMs ??= performance.now() - asked.atMs;
    if (frame.type !== "done") return;
    if (asked === undefined) this.doubled += 1;
    const completeMs = performance.now() - (asked?.atMs ?? 0);
    asked?.complete({ firstTextMs: asked.firstTextMs ?? completeMs, completeMs });
  }
}
