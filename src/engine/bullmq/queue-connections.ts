import type { Redis } from "ioredis";

import type { Log } from "../../ports/log.ts";
import { endSilenceWithConnection } from "./end-silence.ts";
import type { Health } from "../../ports/component.ts";

const defaultPatienceMs = 10_000;
const checkEveryMs = 1_000;

interface Options {
  readonly log: Log;
  /** Whether the stores reach the server. If not, they report the outage. */
  readonly isServerUp: () => boolean;
  /** How long a reconnect may take before it is reported. */
  readonly patienceMs?: number;
}

/**
 * Watches BullMQ's connections, including the copies it makes. BullMQ waits for a connection forever without a word,
 * and no job runs in the meantime. A server may have room for the stores' connections but not for these.
 */
export class QueueConnections implements Disposable {
  readonly #options: Options;
  readonly #connections = new Set<Redis>();
  readonly #checking: NodeJS.Timeout;
  #lastFault = "";
  /** When the first of them went missing. */
  #missingSinceMs: number | undefined;
  #why = "";

  constructor(options: Options) {
    this.#options = options;
    this.#checking = setInterval(() => this.#check(), checkEveryMs).unref();
  }

  /** Returns the same connection. */
  watch(connection: Redis): Redis {
    this.#connections.add(connection);
    connection.on("error", (error: unknown) => {
      this.#lastFault = error instanceof Error ? error.message.slice(0, 200) : "unknown";
    });
    connection.on("end", () => void this.#connections.delete(connection));
    // BullMQ ends a connection whose wait was not answered, and opens the same one again.
    connection.on("connecting", () => void this.#connections.add(connection));
    endSilenceWithConnection(connection);
    const duplicate = connection.duplicate.bind(connection);
    connection.duplicate = (override) => this.watch(duplicate(override));
    return connection;
  }

  /** For shutdown, which would wait for missing connections too. Returns whether there were any. */
  disconnectMissing(): boolean {
    if (this.#why === "") return false;
    for (const connection of this.#connections) if (connection.status !== "ready") connection.disconnect();
    return true;
  }

  readonly health = (): Health => ({ ok: this.#why === "", why: this.#why });

  [Symbol.dispose](): void {
    clearInterval(this.#checking);
  }

  #check(): void {
    const { log, isServerUp, patienceMs = defaultPatienceMs } = this.#options;
    const isMissing = [...this.#connections].some(({ status }) => status !== "ready");
    if (!isMissing || !isServerUp()) {
      if (this.#why !== "" && !isMissing) log.info({}, "Redis accepts the job queue's connections again");
      if (!isMissing) this.#why = "";
      this.#missingSinceMs = undefined;
      return;
    }
    this.#missingSinceMs ??= performance.now();
    if (this.#why !== "" || performance.now() - this.#missingSinceMs < patienceMs) return;
    this.#why = `Redis accepts no more connections for the job queue (${this.#lastFault}); nothing is archived or erased until it does. Raise its maxclients`;
    log.error(
      { why: this.#why },
      "the job queue can't connect to Redis; archive and erasures wait. Raise maxclients or the limit of its plan",
    );
  }
}
