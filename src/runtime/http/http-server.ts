import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

import { BasePath, pathOf } from "./base-path.ts";
import { FairReader } from "./fair-reader.ts";
import { addSliced, oneAtATime, type Request, type Response } from "./one-at-a-time.ts";
import { OpenConnections } from "./open-connections.ts";
import { refuseUpgrade } from "./refuse-upgrade.ts";

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** How soon a caller may ask again who comes while the program starts. */
const startingS = "5";

/** What strangers may take of the port. */
const defaultLimits = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  /** For a caller who was served and may ask again. */
  keepAliveTimeout: 5_000,
  /** For a caller who reads nothing. */
  idleTimeout: 60_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16 * 1_024,
  maxConnections: 2_000,
};
const tellAgainMs = 60_000;

/** The one HTTP port of the program. Parts hang their paths on it before it listens. */
export class HttpServer implements AsyncDisposable {
  readonly #server: Server<typeof Request, typeof Response>;
  readonly #exact = new Map<string, RequestHandler>();
  readonly #prefixes: [string, RequestHandler][] = [];
  readonly #upgrades = new Map<string, UpgradeHandler>();
  readonly #onFault: (error: unknown) => void;
  readonly #connections: OpenConnections;
  readonly #reader = new FairReader();
  readonly #told = new Map<string, { atMs: number; since: number }>();
  readonly #base: BasePath;
  #isStarting = false;

  /** @param basePath - under which people reach it, where a proxy passes that on; ends in `/` */
  constructor(
    onFault: (error: unknown) => void,
    limits: Partial<typeof defaultLimits> = {},
    basePath: string = "/",
  ) {
    this.#onFault = onFault;
    this.#base = new BasePath(basePath);
    const { maxConnections, idleTimeout, ...options } = { ...defaultLimits, ...limits };
    // Any other upgrade comes as a plain request. As an upgrade, its socket would be without the guards of the server.
    const shouldUpgradeCallback = (request: Request): boolean =>
      request.isEarly || request.isToSlice || this.#upgradeFor(request) !== undefined;
    this.#server = createServer(
      { ...options, ...oneAtATime, shouldUpgradeCallback },
      (request, response) => void this.#answer(request, response),
    );
    this.#connections = new OpenConnections(maxConnections, () =>
      this.#tellSometimes(
        `All ${maxConnections} connections are taken; of the caller who has most of them, idle ones are closed`,
      ),
    );
    this.#server.on("connection", (socket) => this.#connections.add(socket));
    this.#server.setTimeout(idleTimeout);
    this.#server.on("upgrade", (request, socket, head) => this.#upgradeOrPose(request, socket, head));
  }

  /** `path` ending in `/` also takes everything below it; the longest match wins. */
  route(path: string, handler: RequestHandler): void {
    this.#exact.set(path, handler);
    if (path.endsWith("/")) {
      this.#prefixes.push([path, handler]);
      this.#prefixes.sort(([a], [b]) => b.length - a.length);
    }
  }

  /** Until `started`, a path that no part has yet is answered "come again", not "not found". */
  starting(): void {
    this.#isStarting = true;
  }

  started(): void {
    this.#isStarting = false;
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

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A fault of the line ends the line; without a listener it would end the process.
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    try {
      if (this.#base.isBare(request)) return redirect(response, this.#base.last);
      const handler = isWebSocketUpgrade(request) ? undefined : this.#handlerFor(this.#pathOf(request));
      if (handler !== undefined) {
        await handler(request, response);
        return;
      }
      const headers = { "content-type": "text/plain; charset=utf-8", connection: "close" };
      if (!this.#isStarting) response.writeHead(404, headers).end("Not found\n");
      else
        response
          .writeHead(503, { ...headers, "retry-after": startingS })
          .end("Threadkeeper is starting. Try again in a few seconds.\n");
    } catch (error) {
      // Callers who hang up while they are read are no fault.
      if (request.errored === null) this.#onFault(error);
      if (!response.headersSent) response.writeHead(500, { connection: "close" });
      response.end();
    }
  }

  #handlerFor(path: string): RequestHandler | undefined {
    return (
      this.#exact.get(path) ??
      this.#prefixes.find(([prefix]) => prefix !== "/" && path.startsWith(prefix))?.[1]
    );
  }

  #upgradeFor(request: IncomingMessage): UpgradeHandler | undefined {
    return isWebSocketUpgrade(request) ? this.#upgrades.get(this.#pathOf(request)) : undefined;
  }

  #pathOf(request: IncomingMessage): string {
    this.#base.takeOff(request);
    return pathOf(request);
  }

  /** An upgrade, or a request that must not be read on in one go. */
  #upgradeOrPose(request: Request, socket: Duplex, head: Buffer): void {
    // How many of these there are is its handler's to decide.
    this.#connections.leave(socket);
    if (request.isEarly) {
      this.#tellSometimes("A caller sent a request before the one before was answered, and was hung up on");
      socket.on("error", () => undefined).destroy();
    } else if (request.isToSlice) {
      // The server takes it in again, from this request on.
      addSliced(socket);
      socket.unshift(Buffer.concat([request.head, head]));
      this.#server.emit("connection", socket);
      this.#reader.take(socket);
    } else {
      this.#upgradeGuarded(request, socket, Buffer.concat([head, this.#reader.leave(socket)]));
    }
  }

  #upgradeGuarded(request: Request, socket: Duplex, head: Buffer): void {
    // From here on nobody else listens to it: a caller who hangs up must not end the process.
    socket.on("error", () => socket.destroy());
    const handler = this.#upgradeFor(request);
    if (handler === undefined) {
      refuseUpgrade(socket, 404, "Not found");
      return;
    }
    try {
      handler(request, socket, head);
    } catch (error) {
      this.#onFault(error);
      socket.destroy();
    }
  }

  /** Tells what strangers cause at most once in a while; the next time counts those in between. */
  #tellSometimes(what: string): void {
    const nowMs = performance.now();
    const last = this.#told.get(what);
    if (last !== undefined && nowMs - last.atMs < tellAgainMs) {
      last.since += 1;
      return;
    }
    this.#told.set(what, { atMs: nowMs, since: 0 });
    this.#onFault(
      new Error(last === undefined || last.since === 0 ? what : `${what}; ${last.since} more since told`),
    );
  }
}

function isWebSocketUpgrade(request: IncomingMessage): boolean {
  return request.headers.upgrade?.trim().toLowerCase() === "websocket";
}

/** Relative: how people reach it is the proxy's to say. */
function redirect(response: ServerResponse, location: string): void {
  response.writeHead(308, { location, connection: "close" }).end();
}

const notOurs =
  "HOST: can't listen on HERE: that is no address of this machine. 0.0.0.0 stands for all of its addresses.";
const listenAdvice: Readonly<Record<string, string>> = {
  EADDRINUSE: "PORT: HERE is taken by another program. Choose another PORT, or stop it.",
  EACCES: "PORT: this user may not listen on HERE. Choose a PORT from 1024 on, and let a proxy lead there.",
  EADDRNOTAVAIL: notOurs,
  ENOTFOUND: notOurs,
  EAFNOSUPPORT: notOurs,
};

function listenError(host: string, port: number, cause: NodeJS.ErrnoException): Error {
  const code = cause.code ?? cause.message;
  const advice = listenAdvice[code] ?? `HOST: can't listen on ${host}:${port} (${code}).`;
  return new Error(advice.replace("HERE", `${host}:${port}`), { cause });
}
