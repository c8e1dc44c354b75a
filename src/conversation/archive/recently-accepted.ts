import type { Inbound } from "../../domain/inbound.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Acceptance, Inbox } from "../../ports/inbox.ts";
import type { Log } from "../../ports/log.ts";
import { rulesOf } from "../inbounds/registry.ts";

/**
 * A store loses only its last seconds. But Sentinel may take half a minute to name the next primary, which then accepts inbounds
 * before `onBack` is called.
 */
const maxAgeMs = 60_000;
const maxCount = 2_000;
const maxChars = 8_000_000;
/** Older inbounds may be duplicates that the store's dedupe lost too. Reading missed messages covers them. */
const replayWithinMs = 3_600_000;
/** By then all replicas have replayed their inbounds. Below Slack's limit of 3 s for an acknowledgement. */
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
  /** When the store had it for sure. */
  seenAtMs: number;
}

/**
 * Wraps `Inbox.accept` and remembers the inbounds of the last seconds. When the store returns after an outage, they are stored
 * again before anything else; those that it still has are duplicates. Otherwise a thread whose first message was lost would
 * be unknown, and later messages in it would be ignored.
 */
export class RecentlyAccepted {
  readonly #ports: Ports;
  /** Oldest first. */
  readonly #kept: Accepted[] = [];
  #chars = 0;
  #backAtMs = -Infinity;
  #givingBack: Promise<void> | undefined;
  /** The store came back, and may not have everything again yet. */
  #isOwed = false;

  constructor(ports: Ports) {
    this.#ports = ports;
  }

  /** Call when the store is reachable again. */
  readonly onBack = (): void => {
    this.#backAtMs = this.#ports.clock.nowMs();
    this.#isOwed = true;
    this.#beginToGiveBack();
  };

  #beginToGiveBack(): void {
    const before = this.#givingBack ?? Promise.resolve();
    const given = before
      .then(() => this.#giveBack())
      .finally(() => {
        if (this.#givingBack === given) this.#givingBack = undefined;
      });
    this.#givingBack = given;
  }

  readonly accept: Inbox["accept"] = async (inbound, nowMs, signal, isKnown = false): Promise<Acceptance> => {
    if (this.#givingBack !== undefined)
      await Promise.race([this.#givingBack, this.#ports.clock.sleep(settleMs, signal)]);
    const acceptance = await this.#acceptWhenSettled(inbound, nowMs, signal, isKnown);
    if (acceptance === "stored" && rulesOf(inbound).concernsArchived)
      this.#keep({ inbound, atMs: nowMs, seenAtMs: nowMs });
    // It was loading for too long, and works now.
    if (this.#isOwed && this.#givingBack === undefined) this.#beginToGiveBack();
    return acceptance;
  };

  /** An ignored inbound may belong to a conversation that another replica has yet to replay. */
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
    const isTooMuch = ({ seenAtMs }: Accepted): boolean =>
      (kept.seenAtMs - seenAtMs > maxAgeMs && !this.#isOwed) ||
      this.#kept.length > maxCount ||
      this.#chars > maxChars;
    for (let [first] = this.#kept; first !== undefined && isTooMuch(first); [first] = this.#kept) {
      this.#kept.shift();
      this.#chars -= charsIn(first);
    }
  }

  /** Replays until it succeeds: a returning store may still be loading its data, and refuse everything. */
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
          log.warn(told, "the store lost its last seconds; the inbounds were stored again");
        return;
      } catch (error) {
        if (clock.nowMs() < untilMs) await clock.sleep(pollMs, signal);
        // Probably unreachable again. The next return replays.
        else
          return log.warn(
            { err: error },
            "could not store recent inbounds again; a few messages may be lost",
          );
      }
    }
  }

  /** Adds to the count even if it fails midway. */
  async #tellAgain(told: { messages: number }, signal: AbortSignal): Promise<void> {
    const { inbox, clock } = this.#ports;
    // A copy: other inbounds may be accepted during the replay.
    const kept = this.#kept.slice();
    for (const each of kept) {
      const { inbound, atMs } = each;
      if (clock.nowMs() - atMs > replayWithinMs) continue;
      // The conversation was known at the time, even if the store has lost it.
      if ((await inbox.accept(inbound, atMs, signal, true)) === "stored") told.messages += 1;
      // It may be lost in the next crash.
      each.seenAtMs = clock.nowMs();
    }
    this.#isOwed = false;
  }
}

function charsIn({ inbound }: Accepted): number {
  return rulesOf(inbound).text?.(inbound).length ?? 0;
}
