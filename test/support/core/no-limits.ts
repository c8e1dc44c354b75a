import type { SpendingLimits } from "../../../src/domain/spending-limits.ts";

export const noLimits: SpendingLimits = {
  personTurns: 0,
  personTokens: 0,
  placeTurns: 0,
  placeTokens: 0,
  summaries: 0,
  personAtOnce: 0,
  openPlatforms: new Set(),
  openTurns: 0,
  openTokens: 0,
  personImages: 0,
  placeImages: 0,
  openImages: 0,
};
