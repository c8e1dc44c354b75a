import { once } from "node:events";

import { WebSocket } from "ws";

import type { Room, Stage } from "./stage.ts";

const conversation = "c1";

interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly text?: string;
  readonly messages?: readonly { readonly role: string; readonly text: string }[];
}

/** People in the web chat, each with a conversation in a browser of their own. */
export function openWebStage(): Stage {
  const people: Person[] = [];
  let url = "";
  return {
    name: "the web chat",
    settings: {},
    connect: async (bot) => {
      url = bot.url;
      await Promise.all(people.map((person) => person.connect(url)));
    },
    openRoom: () => {
      const person = new Person(() => url);
      people.push(person);
      return person;
    },
    [Symbol.asyncDispose]: async () => people.forEach((person) => person.leave()),
  };
}

class Person implements Room {
  readonly #url: () => string;
  readonly #answers: string[] = [];
  readonly #waiting = new Map<string, () => void>();
  #socket: WebSocket | undefined;
  #cookie: string | undefined;
  #count = 0;

  constructor(url: () => string) {
    this.#url = url;
  }

  readonly answers = (): readonly string[] => this.#answers;

  readonly say = async (text: string): Promise<void> => {
    if (this.#socket === undefined) await this.connect(this.#url());
    this.#count += 1;
    const id = `m${this.#count}`;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.set(id, resolve);
    this.#send({ type: "say", id, conversation, text });
    await promise;
    this.#waiting.delete(id);
  };

  async connect(url: string): Promise<void> {
    this.leave();
    const headers = this.#cookie === undefined ? {} : { cookie: this.#cookie };
    const socket = new WebSocket(`${url.replace("http", "ws")}/chat`, { headers });
    this.#socket = socket;
    socket.on("upgrade", (response) => {
      this.#cookie = response.headers["set-cookie"]?.[0]?.split(";", 1)[0] ?? this.#cookie;
    });
    socket.on("message", (data: Buffer) => this.#take(JSON.parse(data.toString())));
    await once(socket, "open");
    this.#send({ type: "open", conversation });
  }

  leave(): void {
    this.#socket?.terminate();
  }

  #send(frame: Readonly<Record<string, string>>): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  #take(frame: Frame): void {
    if (frame.type === "accepted") this.#waiting.get(frame.id ?? "")?.();
    if (frame.type === "done") this.#answers.push(frame.text ?? "");
    if (frame.type === "history") {
      const said = (frame.messages ?? []).filter(({ role }) => role === "assistant").map(({ text }) => text);
      this.#answers.splice(0, this.#answers.length, ...said);
    }
  }
}
