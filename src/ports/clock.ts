/** The time. Tests replace it. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  readonly nowMs: () => number;
  /** @throws the signal's reason if it fires first. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}
