/** The time up to which every message was received live, or read later. */
export interface Presence {
  /** Sets the time. @throws {StoreError} */
  readonly mark: (nowMs: number, signal: AbortSignal) => Promise<void>;
  /** In ms. Undefined before the first `mark`. @throws {StoreError} */
  readonly last: (signal: AbortSignal) => Promise<number | undefined>;
}
