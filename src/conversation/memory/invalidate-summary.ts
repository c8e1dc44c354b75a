import type { ClosedChapter, ConversationMemory } from "../../domain/conversation-memory.ts";
import { recordChange } from "./summary-base.ts";

/**
 * Reacts to a message that was changed or removed. `changed`: its ordinal, or "covered" if it left memory. A summary that
 * covers it loses all its lines and is written again: any line may repeat the text, whatever it cites. A summary in
 * progress stays valid if it ends before the change.
 */
export function invalidateSummary(
  memory: ConversationMemory,
  changed: number | "covered",
): ConversationMemory {
  const { summary, closed, erasing } = memory;
  const isCovered = summary !== undefined && (changed === "covered" || changed < summary.upTo);
  const isBehind = changed !== "covered" && !isCovered;
  const next = isBehind ? recordChange(memory, changed) : { ...memory, base: memory.base + 1 };
  const invalidated = {
    ...next,
    ...(closed === undefined ? {} : { closed: clearSummaryLines(closed) }),
    ...(erasing === undefined ? {} : { erasing: { ...erasing, closed: clearSummaryLines(erasing.closed) } }),
  };
  return isCovered
    ? { ...invalidated, summary: { ...summary, lines: [], dropped: 0, isStale: true } }
    : invalidated;
}

/** Clears the summary of a closed chapter. An undo then has it written again. */
export function clearSummaryLines(closed: ClosedChapter): ClosedChapter {
  const { summary } = closed;
  if (summary === undefined) return closed;
  return { ...closed, summary: { ...summary, lines: [], dropped: 0, isStale: true } };
}
