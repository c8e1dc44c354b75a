import type { ClosedChapter, Recollection } from "../../domain/conversation-memory.ts";

/** How long a reset can be undone. */
export const undoWithinMs = 24 * 3_600_000;

/** Opens a new chapter: prompts, summary and the model's own recall hold only what comes now. Nothing is erased. */
export function withNewChapter(recollection: Recollection, nowMs: number): Recollection {
  const { summary, closed: _, ...rest } = recollection;
  const { since, windowFrom } = recollection;
  return {
    ...rest,
    base: recollection.base + 1,
    chapter: recollection.chapter + 1,
    since: recollection.chapter + 1,
    windowFrom: recollection.nextOrdinal,
    leftOut: 0,
    closed: { since, windowFrom, closedAtMs: nowMs, ...(summary === undefined ? {} : { summary }) },
  };
}

/** Joins the chapters again. Undefined where there is nothing to bring back, or not any more. */
export function withReopenedChapter(recollection: Recollection, nowMs: number): Recollection | undefined {
  const { closed, ...rest } = recollection;
  if (closed === undefined || nowMs - closed.closedAtMs > undoWithinMs) return undefined;
  return withChapterAgain(rest, closed, nowMs);
}

/** Joins a closed chapter with what came after it. */
export function withChapterAgain(
  recollection: Recollection,
  closed: ClosedChapter,
  nowMs: number,
): Recollection {
  const { summary, closed: _, ...rest } = recollection;
  // What the new chapter had folded meanwhile is told from the beginning, together with the old one.
  const upTo = Math.max(closed.summary?.upTo ?? 1, summary?.upTo ?? 1);
  const isFolded = summary !== undefined;
  const unwanted = [...(closed.summary?.unwanted ?? []), ...(summary?.unwanted ?? [])];
  const before = isFolded
    ? { unwanted, lines: [], dropped: 0, madeAtMs: nowMs, upTo, isStale: true as const }
    : closed.summary;
  // What had no room in memory meanwhile is in the ledger: it is left out until it has been folded.
  const first = recollection.messages.find(({ chapter }) => chapter >= closed.since);
  const windowFrom = isFolded
    ? recollection.windowFrom
    : Math.max(closed.windowFrom, first?.ordinal ?? recollection.nextOrdinal);
  return {
    ...rest,
    base: recollection.base + 1,
    since: closed.since,
    windowFrom,
    leftOut: isFolded ? 0 : windowFrom - closed.windowFrom,
    ...(before === undefined ? {} : { summary: before }),
  };
}
