import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** The one HTTP port of the program. Parts hang their paths on it before it listens. */
export class HttpServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #exact = new Map<string, RequestHandler>();
  readonly #prefixes: [string, RequestHandler][] = [];
  readonly #upgrades = new Map<string, UpgradeHandler>();

  constructor(onFault: (error: unknown) => void) {
    this.#server = createServer((request, response) => {
      void this.#answer(request, response, onFault);
    });
    this.#server.on("upgrade", (request, socket, head) => {
      const handler = this.#upgrades.get(pathOf(request));
      if (handler === undefined) {
        socket.end("HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n");
      } else {
        handler(request, socket, head);
      }
    });
  }

  /** `path` ending in `/` also takes everything below it; the longest match wins. */
  route(path: string, handler: RequestHandler): void {
    this.#exact.set(path, handler);
    if (path.endsWith("/")) {
      this.#prefixes.push([path, handler]);
      this.#prefixes.sort(([a], [b]) => b.length - a.length);
    }
  }

  upgrade(path: string, handler: UpgradeHandler): void {
    this.#upgrades.set(path, handler);
  }

  /** Port 0 takes any free one. @throws when the address can't be had; the message names the setting. */
  async listen(host: string, port: number): Promise<{ readonly url: string }> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const fail = (cause: NodeJS.ErrnoException): void => reject(listenError(host, port, cause));
    this.#server.once("error", fail);
    this.#server.listen(port, host, resolve);
    await promise;
    this.#server.off("error", fail);
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new TypeError("Not listening on a TCP port");
    const shown = address.family === "IPv6" ? `[${address.address}]` : address.address;
    return { url: `http://${shown}:${address.port}` };
  }

  /** Waits for the answers under way, then cuts idle connections. Upgraded sockets belong to their parts. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeIdleConnections();
    const cut = setTimeout(() => this.#server.closeAllConnections(), 2_000);
    await promise;
    clearTimeout(cut);
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    onFault: (error: unknown) => void,
  ): Promise<void> {
    const path = pathOf(request);
    const handler =
      this.#exact.get(path) ??
      this.#prefixes.find(([prefix]) => prefix !== "/" && path.startsWith(prefix))?.[1];
    if (handler === undefined) {
      response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end("Not found\n");
      return;
    }
    try {
      await handler(request, response);
    } catch (error) {
      onFault(error);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    }
  }
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "/").split("?", 1)[0] ?? "/";
}

function listenError(host: string, port: number, cause: NodeJS.ErrnoException): Error {
  const message =
    cause.code === "EADDRINUSE"
      ? `PORT: ${host}:${port} is taken by another program. Choose another PORT, or stop it.`
      : `HOST: can't listen on ${host}:${port} (${cause.code ?? cause.message}).`;
  return new Error(message, { cause });
}
