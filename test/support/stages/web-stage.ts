import { once } from "node:events";

import { WebSocket } from "ws";

import type { Stage } from "./stage.ts";

interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly conversation?: string;
  readonly text?: string;
  readonly messages?: readonly { readonly role: string; readonly text: string }[];
}

/** Conversations of one person in the web chat. */
export function openWebStage(): Stage {
  const answers = new Map<string, string[]>();
  const waiting = new Map<string, () => void>();
  let cookie: string | undefined;
  let socket: WebSocket | undefined;
  let count = 0;
  const connect = async (url: string): Promise<void> => {
    socket?.terminate();
    socket = new WebSocket(
      `${url.replace("http", "ws")}/chat`,
      cookie === undefined ? {} : { headers: { cookie } },
    );
    socket.on("upgrade", ({ headers }) => {
      cookie = headers["set-cookie"]?.[0]?.split(";", 1)[0] ?? cookie;
    });
    socket.on("message", (data: Buffer) => take(JSON.parse(data.toString())));
    await once(socket, "open");
    for (const conversation of answers.keys()) socket.send(JSON.stringify({ type: "open", conversation }));
  };
  const take = (frame: Frame): void => {
    const room = answers.get(frame.conversation ?? "");
    if (frame.type === "accepted") waiting.get(frame.id ?? "")?.();
    if (frame.type === "done") room?.push(frame.text ?? "");
    if (frame.type === "history") {
      const said = (frame.messages ?? []).filter(({ role }) => role === "assistant").map(({ text }) => text);
      room?.splice(0, room.length, ...said);
    }
  };
  return {
    name: "the web chat",
    settings: {},
    connect: ({ url }) => connect(url),
    openRoom: (name) => {
      answers.set(name, []);
      return {
        say: async (text) => {
          count += 1;
          const id = `m${count}`;
          const { promise, resolve } = Promise.withResolvers<void>();
          waiting.set(id, resolve);
          socket?.send(JSON.stringify({ type: "say", id, conversation: name, text }));
          await promise;
          waiting.delete(id);
        },
        answers: () => answers.get(name) ?? [],
      };
    },
    [Symbol.asyncDispose]: async () => socket?.terminate(),
  };
}
