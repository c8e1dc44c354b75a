/** How many calls a platform takes within any span of `windowMs`. */
export interface RateLimit {
  /** The platform, the workspace, the method and, where it counts, the channel. */
  readonly name: string;
  readonly calls: number;
  readonly windowMs: number;
  /**
   * How many of the calls growing answers take within a window; first words may take two fifths more. The ends of the
   * answers to come need the rest. Missing: all.
   */
  readonly forGrowth?: number;
}

/** An answer wants to show what it has so far. */
export interface Growth {
  readonly answer: string;
  /** Its first words, which come before what others grow. */
  readonly isFirst: boolean;
}

/**
 * The calls that platforms take, counted for all conversations and all replicas together. What must be written reserves
 * a call; what only may be written takes what is left after a call is kept for the end of each answer under way.
 * Platforms often take more than they promise: reserved calls are only counted until one was refused, and keep to the
 * limit from then on, for ten minutes after the last refusal.
 */
export interface RateLimits {
  /**
   * How long to wait for the call, in ms. 0: make it now, it is counted. Asking again with the same ticket keeps the
   * place in the queue. @throws {StoreError}
   */
  readonly reserve: (limit: RateLimit, ticket: string, signal: AbortSignal) => Promise<number>;
  /**
   * The same for an answer that grows, without a place in the queue: it is made to wait the longer, the more answers
   * grow and the fewer calls are left. @throws {StoreError}
   */
  readonly reserveForGrowth: (limit: RateLimit, growth: Growth, signal: AbortSignal) => Promise<number>;
  /** Keeps a call for the end of an answer until `close`, or until it has not grown for two minutes. @throws {StoreError} */
  readonly open: (limit: RateLimit, answer: string, signal: AbortSignal) => Promise<void>;
  readonly close: (limit: RateLimit, answer: string, signal: AbortSignal) => Promise<void>;
  /** The platform refused a call and asked to slow down: nobody calls before. @throws {StoreError} */
  readonly pause: (limit: RateLimit, ms: number, signal: AbortSignal) => Promise<void>;
}

/** So long after a refusal reserved calls keep to the limit. */
export const strictAfterRefusalMs = 600_000;
/** An answer that has not grown for so long keeps no call any more. */
export const reservationTtlMs = 120_000;
/** Growing answers may use up what is left within this part of a window, so that some is always left. */
export const growthShare = 1 / 3;
/** So much more than `forGrowth` may be spent where it is for first words. */
export const firstWordsFactor = 1.4;
/** One answer does not wait longer for its next growth than this, where any call is left. */
export const maxGrowthPauseMs = 30_000;
/** When to ask again where no call is left. */
export const noCallLeftPauseMs = 1_000;
