/** How many calls a platform accepts within any span of `windowMs`. */
export interface RateLimit {
  /** The scope of the limit: platform, workspace, method and, if it counts, channel. */
  readonly name: string;
  readonly calls: number;
  readonly windowMs: number;
  /**
   * How many of the calls growing answers may use within a window; their first words may use two fifths more. The rest is
   * for the ends of answers. Missing: all.
   */
  readonly forGrowth?: number;
  /** Calls are counted only after a refusal, since no answer grows under this limit. */
  readonly isCountedLate?: true;
}

/** A request of a growing answer to show its text so far. */
export interface Growth {
  readonly answer: string;
  /** The answer's first words, which take precedence over the growth of other answers. */
  readonly isFirst: boolean;
}

/** What a necessary call changes in the same step, for the answer that it belongs to. */
export interface AnswerEnds {
  /** As `open` does. */
  readonly opens?: { readonly limit: RateLimit; readonly answer: string };
  /** The answer whose reservation under the same limit ends, because this call is its end. */
  readonly closes?: string;
  /** An answer's reservation under another limit, which it needs no longer. */
  readonly releases?: { readonly limit: RateLimit; readonly answer: string };
}

/** A call kept for the end of what begins now. */
export interface KeptEnd {
  readonly limit: RateLimit;
  /** Names the reservation for `closes`. */
  readonly answer: string;
  /** The reservation ends by itself after this time. */
  readonly forMs: number;
}

/**
 * Rate limits of platforms, shared by all conversations and replicas. A necessary write reserves a call. The growth of an
 * answer uses spare calls only: one call stays reserved for the end of each running answer. Platforms often accept more
 * than they document, so reserved calls are only counted; after a refusal they keep to the limit for ten minutes.
 */
export interface RateLimits {
  /**
   * How long to wait for a necessary call, in ms. 0: make it now; it is counted. Asking again with the same ticket keeps its
   * position in the queue. @throws {StoreError}
   */
  readonly reserve: (
    limit: RateLimit,
    ticket: string,
    signal: AbortSignal,
    ends?: AnswerEnds,
  ) => Promise<number>;
  /**
   * The same for the growth of an answer, without a queue. The wait grows with the number of growing answers, and as calls
   * run out. @throws {StoreError}
   */
  readonly reserveForGrowth: (limit: RateLimit, growth: Growth, signal: AbortSignal) => Promise<number>;
  /**
   * Takes a call if one is free now beside those reserved for ends, and if one is free under the limit of `end`, which is then
   * reserved. False: nothing was taken; nothing is promised for later. @throws {StoreError}
   */
  readonly takeSpare: (limit: RateLimit, end: KeptEnd, signal: AbortSignal) => Promise<boolean>;
  /** Reserves a call for the end of an answer, until `closes` or two minutes without growth. @throws {StoreError} */
  readonly open: (limit: RateLimit, answer: string, signal: AbortSignal) => Promise<void>;
  /** Stops all calls for `ms`, after the platform refused one. @throws {StoreError} */
  readonly pause: (limit: RateLimit, ms: number, signal: AbortSignal) => Promise<void>;
}

/** Reserved calls keep to the limit for this long after a refusal. */
export const strictAfterRefusalMs = 600_000;
/** A reservation ends after this long without growth. */
export const reservationTtlMs = 120_000;
/** Growth is paced as if the spare calls had to last for this part of a window, so that some are always left. */
export const growthShare = 1 / 3;
/** First words may use `forGrowth` times this factor. */
export const firstWordsFactor = 1.4;
/** The longest wait of one answer for its next growth, while any call is left. */
export const maxGrowthPauseMs = 30_000;
/** When to ask again if no call is left. */
export const noCallLeftPauseMs = 1_000;
