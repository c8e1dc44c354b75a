import type { Recollection } from "../domain/recollection.ts";

/**
 * Something has changed or gone, at this ordinal or somewhere that the summary covers. A summary may repeat it in any
 * of its lines, also in one that cites something else: none of them is used any more, and it is made anew.
 */
export function staleSummary(recollection: Recollection, changed: number | "covered"): Recollection {
  const { summary, closed } = recollection;
  const isCovered = summary !== undefined && (changed === "covered" || changed < summary.upTo);
  const next = { ...recollection, base: recollection.base + 1 };
  const kept = closed === undefined ? next : { ...next, closed: withoutLines(closed) };
  return isCovered ? { ...kept, summary: { ...summary, lines: [], dropped: 0, isStale: true } } : kept;
}

function withoutLines(closed: NonNullable<Recollection["closed"]>): NonNullable<Recollection["closed"]> {
  const { summary } = closed;
  if (summary === undefined) return closed;
  return { ...closed, summary: { ...summary, lines: [], dropped: 0, isStale: true } };
}
