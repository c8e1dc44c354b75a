/** How much may be spent in a day (UTC), and at once. 0: no limit. */
export interface SpendingLimits {
  readonly personTurns: number;
  readonly personTokens: number;
  readonly placeTurns: number;
  readonly placeTokens: number;
  /** Of one conversation in a day. */
  readonly summaries: number;
  /** Answers for one person at the same moment, in all conversations. */
  readonly personAtOnce: number;
  /** Where anybody may be many people, each with a place of their own. */
  readonly openPlatforms: ReadonlySet<string>;
  /** Of all people of such a platform together. */
  readonly openTurns: number;
  readonly openTokens: number;
}

export type SpendingLimit = Exclude<keyof SpendingLimits, "personAtOnce" | "openPlatforms">;

/** The model was not asked: that would pass a limit of the day. */
export class LimitError extends Error {
  override readonly name = "LimitError";
  readonly limit: SpendingLimit;

  constructor(limit: SpendingLimit) {
    super(`The limit of the day is reached: ${limit}`);
    this.limit = limit;
  }
}

/** As many turns of the person run already: this one is for later. */
export class TooManyAtOnceError extends Error {
  override readonly name = "TooManyAtOnceError";
}
