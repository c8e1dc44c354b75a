import type { SettingsScope } from "../domain/turn-settings.ts";

/** An amount to add to a daily counter. */
export interface Charge {
  readonly counter: string;
  /** Negative: a refund. */
  readonly amount: number;
  /** The counter's daily limit. Missing: unlimited. */
  readonly limit?: number;
}

/** One of the turns that run for a holder at the same time. */
export interface Slot {
  readonly holder: string;
  /** The same turn always uses the same slot, on any replica. */
  readonly turn: string;
}

/** Daily usage counters and concurrency slots, shared by all replicas. Counters start at 0 each day (UTC), and are deleted a day later. */
export interface UsageCounters {
  /**
   * Adds all amounts in one step, or none if a counter would exceed its limit; then returns that charge.
   * @throws {StoreError}
   */
  readonly charge: (
    charges: readonly Charge[],
    nowMs: number,
    signal: AbortSignal,
  ) => Promise<Charge | undefined>;
  /**
   * Corrects counters, whatever their limits: soon, and before the next `charge` of this process. It may be lost when the
   * process dies or the store can't be reached; then a count stays as it was charged.
   */
  readonly adjust: (charges: readonly Charge[], nowMs: number) => void;
  /**
   * The counts of today, in the order of `counters`. Corrections of other processes may be missing for a moment.
   * @throws {StoreError}
   */
  readonly read: (
    counters: readonly string[],
    nowMs: number,
    signal: AbortSignal,
  ) => Promise<readonly number[]>;
  /** Takes a slot. False while `most` other turns run for the holder. The slot ends after `heldMs` by itself. @throws {StoreError} */
  readonly enter: (
    slot: Slot,
    limits: { readonly most: number; readonly heldMs: number },
    nowMs: number,
    signal: AbortSignal,
  ) => Promise<boolean>;
  /** Frees the slot: soon, and before the next `enter` of this process. One that can't be freed ends by itself. */
  readonly leave: (slot: Slot) => void;
}

/** What a person has used of a daily limit. */
export interface Used {
  readonly used: number;
  /** 0: no limit. */
  readonly limit: number;
}

/** What a person has used today (UTC), all places together. */
export interface PersonalUsage {
  /** Answers, and commands that ask the model. */
  readonly turns: Used;
  readonly tokens: Used;
  /** Images that were made. */
  readonly images: Used;
}

/** Tells what a person has used today, with the limits of a place. @throws {StoreError} */
export type UsageToday = (
  who: Required<Omit<SettingsScope, "installation">>,
  signal: AbortSignal,
) => Promise<PersonalUsage>;
