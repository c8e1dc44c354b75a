import { LRUCache } from "lru-cache";

import type { Preferences } from "../../domain/preferences.ts";
import type { Broadcast } from "../../ports/broadcast.ts";
import type { Clock } from "../../ports/clock.ts";
import type { PreferenceStore } from "../../ports/preferences.ts";

const channel = "preferences";
const maxKnown = 20_000;
/** A replica that misses a broadcast follows a change within this time. */
const ttlMs = 600_000;

interface KnownPreferencesPorts {
  readonly store: PreferenceStore;
  readonly broadcast: Broadcast;
  readonly clock: Clock;
}

/**
 * Remembers in-process how people want to be answered, because each answer asks for it. A change reaches the other replicas
 * by broadcast.
 */
export class KnownPreferences implements PreferenceStore {
  readonly #store: PreferenceStore;
  readonly #broadcast: Broadcast;
  readonly #known: LRUCache<string, Preferences>;
  /** Of changes heard of. A read that began before one of them may have missed it. */
  #changes = 0;

  constructor({ store, broadcast, clock }: KnownPreferencesPorts) {
    this.#store = store;
    this.#broadcast = broadcast;
    this.#known = new LRUCache({
      // A size in entries takes no room in advance.
      maxSize: maxKnown,
      sizeCalculation: () => 1,
      ttl: ttlMs,
      ttlResolution: 0,
      perf: { now: () => clock.nowMs() },
    });
    broadcast.listen(channel, (key) => this.#drop(key));
    broadcast.onGap?.(() => this.#drop(undefined));
  }

  readonly find: PreferenceStore["find"] = async (platform, person, signal) => {
    const key = keyOf(platform, person);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const changes = this.#changes;
    const found = await this.#store.find(platform, person, signal);
    if (changes === this.#changes) this.#known.set(key, found);
    return found;
  };

  readonly change: PreferenceStore["change"] = async (platform, person, ...change) => {
    await this.#store.change(platform, person, ...change);
    this.#announce(platform, person);
  };

  readonly drop: PreferenceStore["drop"] = async (platform, person, ...drop) => {
    await this.#store.drop(platform, person, ...drop);
    this.#announce(platform, person);
  };

  #announce(platform: string, person: string): void {
    const key = keyOf(platform, person);
    // At once, whatever the way of a broadcast is.
    this.#drop(key);
    this.#broadcast.send(channel, key);
  }

  /** Everything, if it is not known what has changed. */
  #drop(key: unknown): void {
    this.#changes += 1;
    if (typeof key === "string") this.#known.delete(key);
    else this.#known.clear();
  }
}

function keyOf(platform: string, person: string): string {
  return `${platform}:${person}`;
}
