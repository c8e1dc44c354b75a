/** An amount for one counter of the day. */
export interface Charge {
  readonly counter: string;
  /** Below 0: something that was charged is given back. */
  readonly amount: number;
  /** What the counter may reach in a day. Missing: anything. */
  readonly limit?: number;
}

/** What runs for one holder at a moment. */
export interface Slot {
  readonly holder: string;
  /** The same turn again, on whichever replica, takes the same slot. */
  readonly turn: string;
}

/** Counts what is spent, for all replicas together, without keeping whose it is. Counters begin at 0 with each day (UTC) and go after the next. */
export interface UsageCounters {
  /**
   * Adds all amounts in one step, or none of them when one counter would pass its limit; gives that charge then.
   * @throws {StoreError}
   */
  readonly charge: (
    charges: readonly Charge[],
    nowMs: number,
    signal: AbortSignal,
  ) => Promise<Charge | undefined>;
  /** False while `most` other turns run for the holder. A slot that is not left ends `heldMs` later. @throws {StoreError} */
  readonly enter: (
    slot: Slot,
    limits: { readonly most: number; readonly heldMs: number },
    nowMs: number,
    signal: AbortSignal,
  ) => Promise<boolean>;
  /** @throws {StoreError} */
  readonly leave: (slot: Slot, signal: AbortSignal) => Promise<void>;
}
