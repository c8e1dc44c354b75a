/** The time, as the core sees it. */
export interface Clock {
  readonly nowMs: () => number;
  /** @throws the signal's reason when it fires first. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}
