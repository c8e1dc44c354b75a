import type { Redis } from "ioredis";

import type { Log } from "../../ports/log.ts";
import type { Health } from "../../ports/component.ts";

const defaultPatienceMs = 10_000;
const checkEveryMs = 1_000;

interface Options {
  readonly log: Log;
  /** Whether the stores reach the server: what both have lost is theirs to tell. */
  readonly isServerUp: () => boolean;
  /** As long as it may take to connect again after a hiccup. */
  readonly patienceMs?: number;
}

/**
 * Watches the connections that BullMQ works with, also those that it copies. It waits for them for ever and says nothing,
 * while nobody is answered: a server that has room for the stores' connections may have none for these.
 */
export class QueueConnections implements Disposable {
  readonly #options: Options;
  readonly #connections = new Set<Redis>();
  readonly #looking: NodeJS.Timeout;
  #lastFault = "";
  /** Since when one is missing. */
  #missingSinceMs: number | undefined;
  #why = "";

  constructor(options: Options) {
    this.#options = options;
    this.#looking = setInterval(() => this.#look(), checkEveryMs).unref();
  }

  /** @returns the same connection. */
  watch(connection: Redis): Redis {
    this.#connections.add(connection);
    connection.on("error", (error: unknown) => {
      this.#lastFault = error instanceof Error ? error.message.slice(0, 200) : "unknown";
    });
    connection.on("end", () => void this.#connections.delete(connection));
    const duplicate = connection.duplicate.bind(connection);
    connection.duplicate = (override) => this.watch(duplicate(override));
    return connection;
  }

  /** At the end of the program: closing would wait for them too. Gives whether there were any. */
  disconnectMissing(): boolean {
    if (this.#why === "") return false;
    for (const connection of this.#connections) if (connection.status !== "ready") connection.disconnect();
    return true;
  }

  readonly health = (): Health => ({ ok: this.#why === "", why: this.#why });

  [Symbol.dispose](): void {
    clearInterval(this.#looking);
  }

  #look(): void {
    const { log, isServerUp, patienceMs = defaultPatienceMs } = this.#options;
    const isMissing = [...this.#connections].some(({ status }) => status !== "ready");
    if (!isMissing || !isServerUp()) {
      if (this.#why !== "" && !isMissing) log.info({}, "Redis takes the queue's connections again");
      if (!isMissing) this.#why = "";
      this.#missingSinceMs = undefined;
      return;
    }
    this.#missingSinceMs ??= performance.now();
    if (this.#why !== "" || performance.now() - this.#missingSinceMs < patienceMs) return;
    this.#why = `Redis takes no more connections for the queue (${this.#lastFault}): nothing is answered until it does`;
    log.error({ why: this.#why }, "the queue can't connect to Redis; answers wait");
  }
}
