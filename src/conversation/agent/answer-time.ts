import type { AnswerLimits } from "../../domain/answer-limits.ts";

/** The time that one answer may take, from now on. */
export interface AnswerTime {
  /** Aborts when no more tools may be called. The rest of the time is kept for the answer itself. */
  readonly untilAnswer: AbortSignal;
  /** Aborts when the answer is cut. */
  readonly untilEnd: AbortSignal;
}

const shareForTools = 0.75;

/** Starts the time of an answer. */
export function startAnswerTime({ ms }: AnswerLimits): AnswerTime {
  if (ms === 0) {
    // Of this answer alone: what is derived from a signal stays known to it.
    const { signal: never } = new AbortController();
    return { untilAnswer: never, untilEnd: never };
  }
  return { untilAnswer: AbortSignal.timeout(ms * shareForTools), untilEnd: AbortSignal.timeout(ms) };
}
