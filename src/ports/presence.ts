/** Until when everything that was said to the bot has been heard, or read later. */
export interface Presence {
  /** Replaces the last mark. @throws {StoreError} */
  readonly mark: (nowMs: number, signal: AbortSignal) => Promise<void>;
  /** Undefined before the first mark ever. @throws {StoreError} */
  readonly last: (signal: AbortSignal) => Promise<number | undefined>;
}
