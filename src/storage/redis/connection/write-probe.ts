import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { Health } from "../../../ports/component.ts";
import { withDeadline } from "../../../async/deadline.ts";
import { keys } from "../commands/keys.ts";
import type { RedisLink } from "./redis-link.ts";

const everyMs = 2_000;
const deadlineMs = 1_500;
/** Nothing reads the key. */
const ttlMs = 1;

/** Refusals that mean "no writes", and what to tell the operator. */
const refusals: readonly (readonly [beginning: string, why: string])[] = [
  ["OOM", "Redis is full: give it more memory (maxmemory); deleting still works"],
  ["READONLY", "Redis takes no writes: it is a replica; give the primary's address"],
  ["MISCONF", "Redis takes no writes: it can't save to its disk; see its log"],
  ["NOREPLICAS", "Redis takes no writes: it has too few replicas; see min-replicas-to-write"],
  ["NOPERM", "Redis takes no writes from this user; grant the commands to it"],
];

interface Ports {
  readonly link: RedisLink;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Tests every two seconds whether the server accepts writes; one that answers may not. Logs when that begins and when
 * it ends. After a failover it reconnects to the address's new primary.
 */
export class WriteProbe implements AsyncDisposable {
  readonly #ports: Ports;
  readonly #closing = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #why = "";

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  start(): void {
    this.#loop = this.#probeRepeatedly(this.#closing.signal);
  }

  readonly health = (): Health => {
    if (!this.#ports.link.isUp()) return { ok: false, why: "Redis can't be reached" };
    return { ok: this.#why === "", why: this.#why };
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#loop;
  }

  async #probeRepeatedly(signal: AbortSignal): Promise<void> {
    const { link, clock } = this.#ports;
    while (!signal.aborted) {
      if (link.isUp()) await this.#probe(signal);
      await clock.sleep(everyMs, signal).catch(() => undefined);
    }
  }

  async #probe(signal: AbortSignal): Promise<void> {
    const { link, clock } = this.#ports;
    try {
      const command = ["SET", keys.probe, String(clock.nowMs()), "PX", String(ttlMs)];
      await withDeadline(() => link.sendCommand(command), deadlineMs, signal);
      this.#report("");
    } catch (error) {
      const message = error instanceof Error ? error.message : "";
      const [beginning, why] = refusals.find(([word]) => message.startsWith(word)) ?? [];
      // The link reports a lost connection itself.
      if (why === undefined || signal.aborted) return;
      this.#report(why);
      if (beginning === "READONLY") await link.reconnect();
    }
  }

  #report(why: string): void {
    const { log } = this.#ports;
    if (why !== "" && this.#why === "") log.error({ why }, "Redis takes no writes; new messages wait");
    if (why === "" && this.#why !== "") log.info({}, "Redis takes writes again");
    this.#why = why;
  }
}
