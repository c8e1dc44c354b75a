import type { Talk } from "./oracle.ts";
import type { Seen } from "./town.ts";

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Messages whose arrival or answer Redis may have lost. */
export interface Shaky {
  readonly has: (conversation: number, number: number) => boolean;
}

/** A message is stored a little before it is acknowledged. */
const saidMs = { before: 500, after: 500 } as const;
/** An answer is visible before it is stored, and continues while Redis is unreachable. */
const answeredMs = { before: 1_000, after: 2_000 } as const;

/** Whether a change of a post may have been lost. */
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
          (atMs <= time.toMs &&
            covering.some(({ versions }) => versions.some((each) => isIn(time, each.atMs, answeredMs)))),
      );
      if (isShaky) all.add(`${conversation}:${number}`);
    }
  }
  return { has: (conversation, number) => all.has(`${conversation}:${number}`) };
}

function isIn({ fromMs, toMs }: Span, atMs: number, leeway: typeof saidMs | typeof answeredMs): boolean {
  return atMs >= fromMs - leeway.before && atMs <= toMs + leeway.after;
}
