import { setTimeout } from "node:timers/promises";

const lookEveryMs = 20;

/** The bot did something else than the tour tells. */
export class TourError extends Error {
  override readonly name = "TourError";
}

/** Waits for what the bot is to do, but not for ever. */
export class Patience {
  readonly #mostMs: number;

  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  /** Resolves to the first look that finds something. @throws {TourError} which says what is missing. */
  async until<Found>(what: string, look: () => Found | undefined): Promise<Found> {
    const endsAtMs = Date.now() + this.#mostMs;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (Date.now() >= endsAtMs) {
        throw new TourError(`Waited ${this.#mostMs / 1_000} s in vain for ${what}.`);
      }
      await setTimeout(lookEveryMs);
    }
  }

  /** Watches for a while that nothing comes. @throws {TourError} when it does. */
  async quiet(what: string, look: () => unknown, forMs: number): Promise<void> {
    const endsAtMs = Date.now() + forMs;
    while (Date.now() < endsAtMs) {
      if (look() !== undefined) throw new TourError(`There should have been no ${what}.`);
      await setTimeout(lookEveryMs);
    }
  }
}
