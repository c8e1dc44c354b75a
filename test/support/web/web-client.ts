import { once } from "node:events";
import type { IncomingMessage } from "node:http";

import { expect } from "vitest";
import { WebSocket } from "ws";

import type { ServerFrame } from "../../../src/platforms/web/wire/protocol.ts";

/** A page, without the page: a socket that keeps every frame. */
export interface WebClient extends AsyncDisposable {
  readonly frames: readonly ServerFrame[];
  /** Objects go as JSON, texts and bytes as they are. */
  readonly send: (frame: object | string) => void;
  readonly of: <Type extends ServerFrame["type"]>(
    type: Type,
  ) => readonly Extract<ServerFrame, { readonly type: Type }>[];
  /** Waits until there are so many frames of a type, and gives the last of them. */
  readonly until: <Type extends ServerFrame["type"]>(
    type: Type,
    count?: number,
  ) => Promise<Extract<ServerFrame, { readonly type: Type }>>;
  readonly closed: Promise<number>;
  /** Of all frames so far. */
  readonly bytes: () => number;
  /** For the next connection of the same person. */
  readonly cookie: string;
  readonly setCookie: string;
  readonly socket: WebSocket;
}

/** @throws when the upgrade is refused, with the status. */
export async function connectWeb(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  query = "",
): Promise<WebClient> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/chat${query}`, { headers });
  const frames: ServerFrame[] = [];
  let setCookie = "";
  socket.on("upgrade", (response: IncomingMessage) => {
    setCookie = response.headers["set-cookie"]?.[0] ?? "";
  });
  let bytes = 0;
  socket.on("message", (data: Buffer) => {
    bytes += data.length;
    frames.push(JSON.parse(data.toString()));
  });
  const { promise: closed, resolve: onClose } = Promise.withResolvers<number>();
  socket.on("close", onClose);
  await once(socket, "open");
  const of: WebClient["of"] = (type) =>
    frames.filter(
      (frame): frame is Extract<ServerFrame, { readonly type: typeof type }> => frame.type === type,
    );
  return {
    frames,
    socket,
    closed,
    bytes: () => bytes,
    setCookie,
    cookie: setCookie.split(";", 1)[0] ?? "",
    send: (frame) =>
      socket.send(typeof frame === "string" || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame)),
    of,
    until: async (type, count = 1) => {
      await expect
        .poll(() => of(type).length, { timeout: 60_000, interval: 5 })
        .toBeGreaterThanOrEqual(count);
      const frame = of(type)[count - 1];
      if (frame === undefined) throw new Error(`No ${type}`);
      return frame;
    },
    [Symbol.asyncDispose]: async () => socket.terminate(),
  };
}
