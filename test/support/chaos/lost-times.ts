import type { Talk } from "./oracle.ts";
import type { Seen } from "./town.ts";

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Messages of which Redis may have forgotten that they came, or that they were answered. */
export interface Shaky {
  readonly has: (conversation: number, number: number) => boolean;
}

/** Stored before it was told, told a little later than stored. */
const saidMs = { before: 500, after: 500 } as const;
/** An answer stands before it is stored that it does, and goes on while Redis is away. */
const answeredMs = { before: 1_000, after: 2_000 } as const;

/** Whether what was done with a post may have been forgotten. */
export function wasAnsweredIn(times: readonly Span[], { atMs }: Seen): boolean {
  return times.some((time) => isIn(time, atMs, answeredMs));
}

export function shakyIn(talks: readonly Talk[], times: readonly Span[]): Shaky {
  const all = new Set<string>();
  for (const { conversation, corner, saidAtMs } of talks) {
    const answers = corner.seen().filter(({ isAnswer }) => isAnswer);
    for (const [number, atMs] of saidAtMs.entries()) {
      const covering = answers.filter(({ covers }) => covers.some((each) => each.number === number));
      const isShaky = times.some(
        (time) =>
          isIn(time, atMs, saidMs) ||
          // What was accepted afterwards has no part in it, however soon it was answered.
          (atMs <= time.toMs && covering.some((answer) => isIn(time, answer.atMs, answeredMs))),
      );
      if (isShaky) all.add(`${conversation}:${number}`);
    }
  }
  return { has: (conversation, number) => all.has(`${conversation}:${number}`) };
}

function isIn({ fromMs, toMs }: Span, atMs: number, leeway: typeof saidMs | typeof answeredMs): boolean {
  return atMs >= fromMs - leeway.before && atMs <= toMs + leeway.after;
}
