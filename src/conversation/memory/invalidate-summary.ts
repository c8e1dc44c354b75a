import type { ClosedChapter, ConversationMemory } from "../../domain/conversation-memory.ts";
import { recordChange } from "./summary-base.ts";

/**
 * Something has changed or gone, at this ordinal or somewhere that the summary covers. A summary may repeat it in any
 * of its lines, also in one that cites something else: none of them is used any more, and it is written again. A fold that
 * is under way stands where it ends before that.
 */
export function invalidateSummary(
  memory: ConversationMemory,
  changed: number | "covered",
): ConversationMemory {
  const { summary, closed, erasing } = memory;
  const isCovered = summary !== undefined && (changed === "covered" || changed < summary.upTo);
  const isBehind = changed !== "covered" && !isCovered;
  const next = isBehind ? recordChange(memory, changed) : { ...memory, base: memory.base + 1 };
  const kept = {
    ...next,
    ...(closed === undefined ? {} : { closed: clearSummaryLines(closed) }),
    ...(erasing === undefined ? {} : { erasing: { ...erasing, closed: clearSummaryLines(erasing.closed) } }),
  };
  return isCovered ? { ...kept, summary: { ...summary, lines: [], dropped: 0, isStale: true } } : kept;
}

/** What can be brought back, without what its summary says. */
export function clearSummaryLines(closed: ClosedChapter): ClosedChapter {
  const { summary } = closed;
  if (summary === undefined) return closed;
  return { ...closed, summary: { ...summary, lines: [], dropped: 0, isStale: true } };
}
