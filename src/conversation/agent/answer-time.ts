import { TimeLimit } from "../../async/time-limit.ts";
import type { AnswerLimits } from "../../domain/answer-limits.ts";

/** The time that one answer may take, from now on. Disposing it stops the clock. */
export interface AnswerTime extends Disposable {
  /** Aborts when no more tools may be called. The rest of the time is kept for the answer itself. Missing: never. */
  readonly untilAnswer?: AbortSignal;
  /** Aborts when the answer is cut. Missing: never. */
  readonly untilEnd?: AbortSignal;
}

const shareForTools = 0.75;

/** Starts the time of an answer. */
export function startAnswerTime({ ms }: AnswerLimits): AnswerTime {
  if (ms === 0) return { [Symbol.dispose]: () => undefined };
  const forTools = new TimeLimit(ms * shareForTools);
  const forAll = new TimeLimit(ms);
  const dispose = (): void => {
    forTools[Symbol.dispose]();
    forAll[Symbol.dispose]();
  };
  return { untilAnswer: forTools.signal, untilEnd: forAll.signal, [Symbol.dispose]: dispose };
}
