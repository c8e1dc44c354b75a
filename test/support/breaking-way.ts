import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** What becomes of a request, and of its connection from then on. Nothing but "cut" ends the connection. */
export type Break = "swallow the request" | "swallow the answer" | "cut before the answer";

/** Whether a request, as it was sent, is meant. */
export type IsWanted = (request: string) => boolean;

/** A way to a Redis on which single connections break in the middle of a command. New connections are whole. */
export interface BreakingWay extends AsyncDisposable {
  readonly url: string;
  /**
   * Breaks the connection of the next such request. Resolves when it broke. With `answer`, only at an answer that
   * contains it; not for "swallow the request".
   */
  readonly breakAt: (isWanted: IsWanted, how: Break, answer?: string) => Promise<void>;
}

interface Wanted {
  readonly isWanted: IsWanted;
  readonly how: Break;
  readonly answer: string;
  readonly done: () => void;
}

export async function openBreakingWay(redisUrl: string): Promise<BreakingWay> {
  const url = new URL(redisUrl);
  const port = Number(url.port);
  const sockets = new Set<Socket>();
  const wanted: Wanted[] = [];
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    return socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
  };
  const take = (bytes: Buffer): Wanted | undefined => {
    const index = wanted.findIndex(({ isWanted }) => isWanted(bytes.toString("latin1")));
    return index < 0 ? undefined : wanted.splice(index, 1)[0];
  };
  const server = createServer((client) => {
    keep(client);
    const upstream = keep(connect(port, "127.0.0.1"));
    let next: Wanted | undefined;
    let isDead = false;
    const die = ({ how, done }: Wanted): void => {
      isDead = true;
      if (how === "cut before the answer") client.destroy();
      done();
    };
    client.on("data", (bytes) => {
      if (isDead) return;
      next ??= take(bytes);
      if (next?.how === "swallow the request") die(next);
      else upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      if (isDead) return;
      if (next !== undefined && bytes.includes(next.answer)) {
        die(next);
        return;
      }
      if (next !== undefined) wanted.push(next);
      next = undefined;
      client.write(bytes);
    });
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("Not a TCP port");
  url.port = String(address.port);
  return {
    url: url.href,
    breakAt: async (isWanted, how, answer = "") => {
      const { promise, resolve } = Promise.withResolvers<void>();
      wanted.push({ isWanted, how, answer, done: resolve });
      return promise;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
