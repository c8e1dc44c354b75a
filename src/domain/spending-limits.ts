/** Limits per day (UTC) and on concurrent answers. 0 means no limit. */
export interface SpendingLimits {
  readonly personTurns: number;
  readonly personTokens: number;
  readonly placeTurns: number;
  readonly placeTokens: number;
  /** Per conversation. */
  readonly summaries: number;
  /** Concurrent answers for one person, over all conversations. */
  readonly personAtOnce: number;
  /** Platforms without sign-in, where one person can pose as many, each with their own place. */
  readonly openPlatforms: ReadonlySet<string>;
  /** Shared by everyone on an open platform. */
  readonly openTurns: number;
  readonly openTokens: number;
}

export type SpendingLimit = Exclude<keyof SpendingLimits, "personAtOnce" | "openPlatforms">;
