import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { Hono, type Context } from "hono";
import { TrieRouter } from "hono/router/trie-router";

import { BasePath, pathOf } from "./base-path.ts";
import { BodyLimit } from "./body-limit.ts";
import { listenError } from "./listen-error.ts";
import { SlicedReader } from "./sliced-reader.ts";
import { markSliced, noPipelining, type GuardedRequest, type GuardedResponse } from "./no-pipelining.ts";
import { OpenConnections } from "./open-connections.ts";
import { refuseUpgrade } from "./refuse-upgrade.ts";

/** What a route gets beside the request: Node's own request and response. */
export interface HttpEnv {
  Bindings: HttpBindings;
}
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Retry-After while the program starts. */
const startingS = "5";

/** Limits for strangers. */
const defaultLimits = {
  headersTimeout: 10_000,
  /** For requests whose body may be slow: see allowSlowBody. */
  requestTimeout: 10 * 60_000,
  /** For the bodies of all others, from the end of their headers on. */
  bodyTimeout: 30_000,
  /** After an answer. */
  keepAliveTimeout: 5_000,
  /** For a caller who does not read. */
  idleTimeout: 60_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16 * 1_024,
  maxConnections: 2_000,
};
const logAgainMs = 60_000;

/** The only HTTP port of the program. Components add their routes, also while it listens. */
export class HttpServer implements AsyncDisposable {
  // This router takes new routes while it serves others.
  readonly routes = new Hono<HttpEnv>({ router: new TrieRouter() });
  readonly #server: Server<typeof GuardedRequest, typeof GuardedResponse>;
  readonly #upgrades = new Map<string, UpgradeHandler>();
  readonly #answerRequest: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly #onFault: (error: unknown) => void;
  readonly #connections: OpenConnections;
  readonly #reader = new SlicedReader();
  readonly #reported = new Map<string, { atMs: number; since: number }>();
  readonly #base: BasePath;
  readonly #slowBodies = new Set<string>();
  readonly #bodyLimit: BodyLimit;
  #isStarting = false;

  /** @param basePath - the path of PUBLIC_URL; ends in `/` */
  constructor(
    onFault: (error: unknown) => void,
    limits: Partial<typeof defaultLimits> = {},
    basePath: string = "/",
  ) {
    this.#onFault = onFault;
    this.#base = new BasePath(basePath);
    this.#guardRoutes();
    this.#answerRequest = getRequestListener((request, env) => this.routes.fetch(request, env), {
      // Some health probes send no Host.
      hostname: "localhost",
      // The program's own requests keep Node's classes.
      overrideGlobalObjects: false,
      autoCleanupIncoming: false,
    });
    const { maxConnections, idleTimeout, bodyTimeout, ...options } = { ...defaultLimits, ...limits };
    this.#bodyLimit = new BodyLimit(bodyTimeout);
    // Other upgrades arrive as plain requests, because an upgraded socket loses the server's limits.
    const shouldUpgradeCallback = (request: GuardedRequest): boolean =>
      request.isPipelined || request.needsSlicing || this.#upgradeFor(request) !== undefined;
    this.#server = createServer(
      { ...options, ...noPipelining, shouldUpgradeCallback },
      (request, response) => void this.#answer(request, response),
    );
    this.#connections = new OpenConnections(maxConnections, () =>
      this.#reportSparsely(
        `All ${maxConnections} connections are in use; idle ones of the caller with the most are closed`,
      ),
    );
    this.#server.on("connection", (socket) => this.#connections.add(socket));
    this.#server.setTimeout(idleTimeout);
    this.#server.on("upgrade", (request, socket, head) => this.#handleUpgrade(request, socket, head));
  }

  /** Until `started`, unknown paths answer 503 instead of 404. */
  starting(): void {
    this.#isStarting = true;
  }

  started(): void {
    this.#isStarting = false;
  }

  upgrade(path: string, handler: UpgradeHandler): void {
    this.#upgrades.set(path, handler);
  }

  /** Lets requests to a path take minutes to send their body. Its route must bound them. */
  allowSlowBody(path: string): void {
    this.#slowBodies.add(path);
  }

  /** Port 0 chooses a free one. @throws when the address is not available; the message names the setting. */
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

  /** Waits for running answers, then closes idle connections. Upgraded sockets belong to their components. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeIdleConnections();
    const cut = setTimeout(() => this.#server.closeAllConnections(), 2_000);
    await promise;
    clearTimeout(cut);
  }

  #guardRoutes(): void {
    this.routes.use(async (context, next) => {
      const { incoming } = context.env;
      // The router reads `/a/../b` as `/b`; a proxy in front may have read it as something else.
      const isPlain = new URL(context.req.url).pathname === pathOf(incoming);
      // An upgrade that no handler takes arrives as a plain request.
      return isPlain && !isWebSocketUpgrade(incoming) ? next() : this.#notFound(context);
    });
    this.routes.notFound((context) => this.#notFound(context));
    this.routes.onError((error, context) => this.#failed(error, context));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Without listeners, an error of the connection would end the process.
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    if (this.#base.lacksSlash(request)) redirect(response, this.#base.last);
    else {
      this.#base.strip(request);
      if (!this.#slowBodies.has(pathOf(request))) this.#bodyLimit.begin(request, response);
      await this.#answerRequest(request, response);
      this.#bodyLimit.end(request);
    }
  }

  #notFound(context: Context<HttpEnv>): Response {
    context.header("connection", "close");
    if (!this.#isStarting) return context.text("Not found\n", 404);
    context.header("retry-after", startingS);
    return context.text("Threadkeeper is starting. Try again in a few seconds.\n", 503);
  }

  #failed(error: unknown, context: Context<HttpEnv>): Response {
    const { incoming, outgoing } = context.env;
    // A caller who hangs up is not an error.
    if (incoming.errored === null) this.#onFault(error);
    if (!outgoing.headersSent) return context.body(null, 500, { connection: "close" });
    outgoing.end();
    return RESPONSE_ALREADY_SENT;
  }

  #upgradeFor(request: IncomingMessage): UpgradeHandler | undefined {
    return isWebSocketUpgrade(request) ? this.#upgrades.get(this.#pathOf(request)) : undefined;
  }

  #pathOf(request: IncomingMessage): string {
    this.#base.strip(request);
    return pathOf(request);
  }

  /** A real upgrade, or a request that must not be parsed further. */
  #handleUpgrade(request: GuardedRequest, socket: Duplex, head: Buffer): void {
    // Upgraded connections are limited by their handler.
    this.#connections.remove(socket);
    if (request.isPipelined) {
      this.#reportSparsely(
        "A caller sent a request before the previous one was answered; the connection was closed",
      );
      socket.on("error", () => undefined).destroy();
    } else if (request.needsSlicing) {
      // The server reads it again, from this request on.
      markSliced(socket);
      socket.unshift(Buffer.concat([request.head, head]));
      this.#server.emit("connection", socket);
      this.#reader.attach(socket);
    } else {
      this.#upgradeGuarded(request, socket, Buffer.concat([head, this.#reader.detach(socket)]));
    }
  }

  #upgradeGuarded(request: GuardedRequest, socket: Duplex, head: Buffer): void {
    // Without a listener, a caller who hangs up would end the process.
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

  /** Reports a problem that strangers cause at most once a minute, with the number of repetitions. */
  #reportSparsely(problem: string): void {
    const nowMs = performance.now();
    const last = this.#reported.get(problem);
    if (last !== undefined && nowMs - last.atMs < logAgainMs) {
      last.since += 1;
      return;
    }
    this.#reported.set(problem, { atMs: nowMs, since: 0 });
    this.#onFault(
      new Error(
        last === undefined || last.since === 0
          ? problem
          : `${problem}; ${last.since} more since the last report`,
      ),
    );
  }
}

function isWebSocketUpgrade(request: IncomingMessage): boolean {
  return request.headers.upgrade?.trim().toLowerCase() === "websocket";
}

/** Relative, because only the proxy knows the public address. */
function redirect(response: ServerResponse, location: string): void {
  response.writeHead(308, { location, connection: "close" }).end();
}
