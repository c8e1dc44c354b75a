import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { rejoinChapter } from "../memory/chapters.ts";
import { undoDelayedErasure } from "../memory/delayed-erasure.ts";
import { addUndone, isErasureUndone, isResetUndone } from "../memory/undone-orders.ts";

/**
 * Undoes a reset and a delayed erasure in the memory from the archive that were undone in the older record. People were told
 * so. What was erased apart from them stays erased.
 */
export function undoAgain(known: ConversationMemory, older: ConversationMemory): ConversationMemory {
  const { undone, revision: nowMs } = older;
  const { erasing } = known;
  const isKept = erasing !== undefined && isErasureUndone(older, erasing.closed.closedAtMs);
  const memory = isKept ? undoDelayedErasure(known, erasing, nowMs) : known;
  const { closed } = memory;
  const isReopened = closed !== undefined && isResetUndone(older, closed.closedAtMs);
  return addUndone(isReopened ? rejoinChapter(memory, closed, nowMs) : memory, undone);
}

/** The older record without the completed erasure of the conversation that was undone, as the archive knows. */
export function withoutUndone(older: ConversationMemory, again: ConversationMemory): ConversationMemory {
  const { forgottenAtMs, erasures } = older;
  if (forgottenAtMs === undefined || !isErasureUndone(again, forgottenAtMs)) return older;
  return { ...older, erasures: erasures.filter(({ kind }) => kind !== "all") };
}
