import type { Clock } from "../../../ports/clock.ts";
import type { Log } from "../../../ports/log.ts";
import type { Health } from "../../../ports/component.ts";
import { withDeadline } from "../../../runtime/deadline.ts";
import { keys } from "../commands/keys.ts";
import type { RedisLink } from "./redis-link.ts";

const everyMs = 2_000;
const deadlineMs = 1_500;
/** Nothing reads it. */
const keptMs = 1;

/** What Redis says in place of taking a write, and what that means for the operator. */
const refusals: readonly (readonly [beginning: string, why: string])[] = [
  ["OOM", "Redis is full: give it more memory (maxmemory); what is deleted still goes"],
  ["READONLY", "Redis takes no writes: it is a replica"],
  ["MISCONF", "Redis takes no writes: it can't save to its disk"],
  ["NOREPLICAS", "Redis takes no writes: too few of its replicas are there"],
  ["NOPERM", "Redis takes no writes from this user"],
];

interface Ports {
  readonly link: RedisLink;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Writes every two seconds: a server that answers may still take nothing. Said once when it begins, and once when it
 * is over. A primary that was demoted is left for whichever server the address leads to now.
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
    this.#loop = this.#probeForEver(this.#closing.signal);
  }

  readonly health = (): Health => {
    if (!this.#ports.link.isUp()) return { ok: false, why: "Redis can't be reached" };
    return { ok: this.#why === "", why: this.#why };
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#loop;
  }

  async #probeForEver(signal: AbortSignal): Promise<void> {
    const { link, clock } = this.#ports;
    while (!signal.aborted) {
      if (link.isUp()) await this.#probe(signal);
      await clock.sleep(everyMs, signal).catch(() => undefined);
    }
  }

  async #probe(signal: AbortSignal): Promise<void> {
    const { link, clock } = this.#ports;
    try {
      const command = ["SET", keys.probe, String(clock.nowMs()), "PX", String(keptMs)];
      await withDeadline(() => link.sendCommand(command), deadlineMs, signal);
      this.#tell("");
    } catch (error) {
      const message = error instanceof Error ? error.message : "";
      const [beginning, why] = refusals.find(([word]) => message.startsWith(word)) ?? [];
      // A lost connection is the link's own to tell.
      if (why === undefined || signal.aborted) return;
      this.#tell(why);
      if (beginning === "READONLY") await link.reconnect();
    }
  }

  #tell(why: string): void {
    const { log } = this.#ports;
    if (why !== "" && this.#why === "") log.error({ why }, "Redis takes no writes; what people say waits");
    if (why === "" && this.#why !== "") log.info({}, "Redis takes writes again");
    this.#why = why;
  }
}
