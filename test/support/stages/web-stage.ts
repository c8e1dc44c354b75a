import { once } from "node:events";

import { WebSocket } from "ws";

import type { Room, Stage } from "./stage.ts";

const conversation = "c1";

interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly turn?: string;
  readonly text?: string;
  readonly messages?: readonly { readonly id: string; readonly role: string; readonly text: string }[];
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
  /** By turn: an answer that is given again takes the place of the old one. */
  readonly #answers = new Map<string, string>();
  readonly #waiting = new Map<string, () => void>();
  #socket: WebSocket | undefined;
  #cookie: string | undefined;
  #count = 0;
  #onHistory = (): void => undefined;

  constructor(url: () => string) {
    this.#url = url;
  }

  readonly answers = (): readonly string[] => [...this.#answers.values()];

  readonly editFirst = async (text: string): Promise<void> => {
    this.#send({ type: "edit", id: "edit1", conversation, message: "m1", text });
  };

  readonly deleteFirst = async (): Promise<void> => {
    this.#send({ type: "delete", id: "delete1", conversation, message: "m1" });
  };

  readonly deleteLast = async (): Promise<void> => {
    this.#send({ type: "delete", id: "delete-last", conversation, message: `m${this.#count}` });
  };

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
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onHistory = resolve;
    this.#send({ type: "open", conversation });
    // It takes the place of all answers: none may have come before.
    await promise;
  }

  leave(): void {
    this.#socket?.terminate();
  }

  #send(frame: Readonly<Record<string, string>>): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  #take(frame: Frame): void {
    if (frame.type === "accepted") this.#waiting.get(frame.id ?? "")?.();
    if (frame.type === "done") this.#answers.set(frame.turn ?? "", frame.text ?? "");
    if (frame.type === "history") {
      this.#onHistory();
      this.#answers.clear();
      for (const { id, role, text } of frame.messages ?? [])
        if (role === "assistant") this.#answers.set(id, text);
    }
  }
}
