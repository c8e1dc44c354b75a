import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A way to a server that can be cut, and opened again. */
export interface TcpGate extends AsyncDisposable {
  readonly port: number;
  /** Breaks every connection, and lets nobody in. */
  readonly cut: () => void;
  /** From now on connections swallow all that is sent on them. */
  readonly freeze: () => void;
  readonly restore: () => void;
  /** New connections lead there; those that stand go on. */
  readonly leadTo: (port: number) => void;
}

export async function openTcpGate(firstPort: number): Promise<TcpGate> {
  let port = firstPort;
  const sockets = new Set<Socket>();
  let state: "open" | "cut" | "frozen" = "open";
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    return socket;
  };
  const breakAll = (): void => sockets.forEach((socket) => socket.destroy());
  const server = createServer((client) => {
    keep(client);
    if (state === "cut") {
      client.destroy();
      return;
    }
    const upstream = keep(connect(port, "127.0.0.1"));
    client.on("data", (bytes) => void (state !== "frozen" && upstream.write(bytes)));
    upstream.on("data", (bytes) => void (state !== "frozen" && client.write(bytes)));
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a TCP server's address is one
    port: (server.address() as AddressInfo).port,
    cut: () => {
      state = "cut";
      breakAll();
    },
    freeze: () => {
      state = "frozen";
    },
    restore: () => {
      state = "open";
      breakAll();
    },
    leadTo: (next) => {
      port = next;
    },
    [Symbol.asyncDispose]: async () => {
      breakAll();
      server.close();
      await once(server, "close");
    },
  };
}
