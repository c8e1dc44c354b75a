import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";

import type { Random } from "./random.ts";

/** A proxy that disturbs each connection in its own way. */
export interface TroubledWay extends AsyncDisposable {
  readonly port: number;
  /** How many disturbances there were. */
  readonly troubles: () => number;
  /** Ends all disturbances. */
  readonly calm: () => void;
}

/**
 * Listens on a free port and forwards to `port`. After some quiet seconds a connection is slowed down, cut, or
 * stalled in one or both directions; a stalled one is cut later or continues with all that it held back.
 */
export async function openTroubledWay(port: number, random: Random): Promise<TroubledWay> {
  const calm = new AbortController();
  let connections = 0;
  let troubles = 0;
  const pairs = new Set<Pair>();
  const server = createServer((client) => {
    connections += 1;
    const pair = new Pair(client, connect(port, "127.0.0.1"));
    pairs.add(pair);
    client.once("close", () => pairs.delete(pair));
    const luck = random.fork(`connection ${connections}`);
    void trouble(pair, luck, calm.signal, () => (troubles += 1)).catch(() => undefined);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("Not a TCP port");
  const settle = (): void => {
    calm.abort();
    for (const pair of pairs) pair.heal();
  };
  return {
    port: address.port,
    troubles: () => troubles,
    calm: settle,
    [Symbol.asyncDispose]: async () => {
      settle();
      for (const pair of pairs) pair.cut();
      server.close();
      await once(server, "close");
    },
  };
}

async function trouble(pair: Pair, luck: Random, calm: AbortSignal, count: () => void): Promise<void> {
  for (;;) {
    await setTimeout(luck.between(3_000, 15_000), undefined, { signal: calm });
    if (pair.isCut) return;
    count();
    const kind = luck.pick(["delay", "cut", "blackhole"] as const);
    if (kind === "cut") return pair.cut();
    const ways = luck.pick([[pair.up], [pair.down], [pair.up, pair.down]]);
    for (const way of ways) {
      if (kind === "delay") way.delayMs = luck.between(50, 900);
      else way.block();
    }
    await setTimeout(luck.between(1_000, kind === "delay" ? 5_000 : 10_000), undefined, { signal: calm });
    if (kind === "blackhole" && luck.chance(0.6)) return pair.cut();
    pair.heal();
  }
}

/** A client's connection and the one it is forwarded to. */
class Pair {
  readonly up: Way;
  readonly down: Way;
  readonly #client: Socket;
  readonly #server: Socket;

  constructor(client: Socket, server: Socket) {
    this.#client = client;
    this.#server = server;
    this.up = new Way(client, server);
    this.down = new Way(server, client);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on("error", () => this.cut());
      socket.on("close", () => this.cut());
    }
  }

  get isCut(): boolean {
    return this.#client.destroyed;
  }

  cut(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  heal(): void {
    for (const way of [this.up, this.down]) way.heal();
  }
}

/** One direction. Delayed data stays in order. */
class Way {
  readonly #to: Socket;
  #tail: Promise<void> = Promise.resolve();
  #blocked: PromiseWithResolvers<void> | undefined;
  delayMs = 0;

  constructor(from: Socket, to: Socket) {
    this.#to = to;
    from.on("data", (bytes: Buffer) => this.#pass(bytes));
  }

  block(): void {
    this.#blocked ??= Promise.withResolvers();
  }

  heal(): void {
    this.delayMs = 0;
    this.#blocked?.resolve();
    this.#blocked = undefined;
  }

  #pass(bytes: Buffer): void {
    this.#tail = this.#passAfter(this.#tail, bytes, Date.now() + this.delayMs);
  }

  async #passAfter(before: Promise<void>, bytes: Buffer, dueAtMs: number): Promise<void> {
    await before;
    const waitMs = dueAtMs - Date.now();
    if (waitMs > 0) await setTimeout(waitMs);
    await this.#blocked?.promise;
    if (!this.#to.destroyed) this.#to.write(bytes);
  }
}
