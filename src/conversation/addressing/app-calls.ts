import { LRUCache } from "lru-cache";

import type { Said } from "../../domain/inbound.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Log } from "../../ports/log.ts";
import { isCall } from "./addressing.ts";

/** The answer to an app may make it call again: this ends every such loop. */
const maxCalls = 10;
const windowMs = 3_600_000;
const maxCallers = 1_000;
const logEveryMs = 60_000;

/** Lets an app that may call the bot do so ten times an hour in each place. */
export class AppCalls {
  readonly #clock: Clock;
  readonly #log: Log;
  /** App and place → its calls: message id → time (ms). */
  readonly #calls = new LRUCache<string, ReadonlyMap<string, number>>({ max: maxCallers });
  #loggedAtMs = Number.NEGATIVE_INFINITY;

  constructor({ clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Removes `mayCall` from a message that is no call, and from one call too many. */
  check(said: Said): Said {
    if (said.mayCall !== true) return said;
    const { mayCall: _, ...overheard } = said;
    if (!isCall(said)) return overheard;
    const { platform, place, message } = said;
    if (this.#count(`${platform} ${place} ${message.author.id}`, message.id)) return said;
    this.#logRefusal(place);
    return overheard;
  }

  /** Counts a message once: it may be delivered several times. False beyond the limit. */
  #count(caller: string, message: string): boolean {
    const nowMs = this.#clock.nowMs();
    const known = this.#calls.get(caller) ?? new Map<string, number>();
    const calls = new Map([...known].filter(([, atMs]) => nowMs - atMs < windowMs));
    const isAllowed = calls.has(message) || calls.size < maxCalls;
    if (isAllowed && !calls.has(message)) calls.set(message, nowMs);
    this.#calls.set(caller, calls);
    return isAllowed;
  }

  #logRefusal(place: string): void {
    const nowMs = this.#clock.nowMs();
    if (nowMs - this.#loggedAtMs < logEveryMs) return;
    this.#loggedAtMs = nowMs;
    this.#log.warn(
      { place, max: maxCalls },
      "an app calls the bot too often; it is answered again within the hour",
    );
  }
}
