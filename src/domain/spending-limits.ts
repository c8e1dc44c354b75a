import { wholeNumber, type ValuesOf } from "./setting.ts";

const maxTokens = 1_000_000_000_000;

/** Limits per day (UTC) and on concurrent answers. 0 means no limit. */
export const spendingLimits = {
  personTurns: wholeNumber("LIMIT_PERSON_TURNS", [0, 1_000_000], 300),
  personTokens: wholeNumber("LIMIT_PERSON_TOKENS", [0, maxTokens], 3_000_000),
  /** Concurrent answers for one person, over all conversations. */
  personAtOnce: wholeNumber("LIMIT_PERSON_AT_ONCE", [0, 10_000], 5),
  placeTurns: wholeNumber("LIMIT_PLACE_TURNS", [0, 1_000_000], 3_000),
  placeTokens: wholeNumber("LIMIT_PLACE_TOKENS", [0, maxTokens], 30_000_000),
  /** Shared by everyone on an open platform. */
  openTurns: wholeNumber("LIMIT_WEB_TURNS", [0, 10_000_000], 10_000),
  openTokens: wholeNumber("LIMIT_WEB_TOKENS", [0, maxTokens], 100_000_000),
  /** Images that are made. */
  personImages: wholeNumber("LIMIT_PERSON_IMAGES", [0, 1_000_000], 50),
  placeImages: wholeNumber("LIMIT_PLACE_IMAGES", [0, 1_000_000], 500),
  openImages: wholeNumber("LIMIT_WEB_IMAGES", [0, 1_000_000], 500),
  /** Per conversation. */
  summaries: wholeNumber("LIMIT_SUMMARIES", [0, 1_000_000], 20),
};

export interface SpendingLimits extends ValuesOf<typeof spendingLimits> {
  /** Platforms without sign-in, where one person can pose as many, each with their own place. */
  readonly openPlatforms: ReadonlySet<string>;
}

export type SpendingLimit = Exclude<keyof SpendingLimits, "personAtOnce" | "openPlatforms">;
