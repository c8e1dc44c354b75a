import type { Inbound } from "../../domain/inbound.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Acceptance, Inbox } from "../../ports/inbox.ts";
import type { Log } from "../../ports/log.ts";
import { concernsArchived } from "../inbounds/store-inbound.ts";

/** A store that comes back may lack its last seconds. */
const maxAgeMs = 15_000;
const maxCount = 2_000;
const maxChars = 8_000_000;
/** Later the store's dedupe may have forgotten it too; catching up reads what is older. */
const replayWithinMs = 3_600_000;
/** All replicas have given back by then what they had accepted. Within Slack's patience of 3 s. */
const settleMs = 2_000;
const pollMs = 250;
const loadingMs = 30_000;

interface Ports {
  readonly inbox: Pick<Inbox, "accept">;
  readonly clock: Clock;
  readonly log: Log;
}

interface Accepted {
  readonly inbound: Inbound;
  readonly atMs: number;
}

/**
 * An inbox's front door that remembers the last seconds: a store that comes back is told them again before anything
 * else. What it still has is a duplicate to it; what it lost is not lost. Otherwise a thread whose first message it lost
 * would be one that nobody knows, and what people go on to say there would be ignored for good.
 */
export class RecentlyAccepted {
  readonly #ports: Ports;
  /** Oldest first. */
  readonly #kept: Accepted[] = [];
  #chars = 0;
  #backAtMs = -Infinity;
  #givingBack: Promise<void> | undefined;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** The store is back. */
  readonly onBack = (): void => {
    this.#backAtMs = this.#ports.clock.nowMs();
    const before = this.#givingBack ?? Promise.resolve();
    const given = before
      .then(() => this.#giveBack())
      .finally(() => {
        if (this.#givingBack === given) this.#givingBack = undefined;
      });
    this.#givingBack = given;
  };

  readonly accept: Inbox["accept"] = async (inbound, nowMs, signal, isKnown = false): Promise<Acceptance> => {
    if (this.#givingBack !== undefined)
      await Promise.race([this.#givingBack, this.#ports.clock.sleep(settleMs, signal)]);
    const acceptance = await this.#acceptWhenSettled(inbound, nowMs, signal, isKnown);
    if (acceptance === "stored" && concernsArchived[inbound.kind]) this.#keep({ inbound, atMs: nowMs });
    return acceptance;
  };

  /** What seems to belong to nothing may belong to what another replica has yet to give back. */
  async #acceptWhenSettled(...what: Required<Parameters<Inbox["accept"]>>): Promise<Acceptance> {
    const { inbox, clock } = this.#ports;
    const [, , signal] = what;
    for (;;) {
      const acceptance = await inbox.accept(...what);
      if (acceptance !== "ignored" || clock.nowMs() - this.#backAtMs > settleMs) return acceptance;
      await clock.sleep(pollMs, signal);
    }
  }

  #keep(kept: Accepted): void {
    this.#kept.push(kept);
    this.#chars += charsIn(kept);
    const isTooMuch = (first: Accepted): boolean =>
      kept.atMs - first.atMs > maxAgeMs || this.#kept.length > maxCount || this.#chars > maxChars;
    for (let [first] = this.#kept; first !== undefined && isTooMuch(first); [first] = this.#kept) {
      this.#kept.shift();
      this.#chars -= charsIn(first);
    }
  }

  /** A store that is back may still be loading what it has, and refuse everything. */
  async #giveBack(): Promise<void> {
    const { clock, log } = this.#ports;
    const { signal } = new AbortController();
    const untilMs = clock.nowMs() + loadingMs;
    const told = { messages: 0 };
    for (;;) {
      try {
        await this.#tellAgain(told, signal);
        this.#backAtMs = clock.nowMs();
        if (told.messages > 0)
          log.warn(told, "the store came back without what it had accepted last: told again");
        return;
      } catch (error) {
        if (clock.nowMs() < untilMs) await clock.sleep(pollMs, signal);
        // Away again, most likely; it is told when it is back.
        else return log.warn({ err: error }, "the store could not be told again what it had accepted last");
      }
    }
  }

  /** Counts what was missing, also when it breaks off. */
  async #tellAgain(told: { messages: number }, signal: AbortSignal): Promise<void> {
    const { inbox, clock } = this.#ports;
    // As it is now: what has waited long enough is accepted beside it.
    const kept = this.#kept.slice();
    for (const { inbound, atMs } of kept) {
      if (clock.nowMs() - atMs > replayWithinMs) continue;
      // It was known then, whatever the store knows now.
      if ((await inbox.accept(inbound, atMs, signal, true)) === "stored") told.messages += 1;
    }
  }
}

function charsIn({ inbound }: Accepted): number {
  if (inbound.kind === "said") return inbound.message.text.length;
  return inbound.kind === "edited" ? inbound.text.length : 0;
}
