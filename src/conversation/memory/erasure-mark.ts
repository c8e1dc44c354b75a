import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { emptyMemory, advanceRevision } from "./new-memory.ts";

/**
 * What remains of an erased conversation: no text and no person, only the time of erasure. It carries the erasure to the
 * archive and keeps backfill from fetching older messages again.
 */
export function createErasureMark(before: ConversationMemory, nowMs: number): ConversationMemory {
  const { conversation, platform, place, nextOrdinal, base, chapter, uncompared } = before;
  const { revision } = advanceRevision(before, { platform, place }, nowMs);
  return {
    ...emptyMemory(conversation, { platform, place }),
    revision,
    base: base + 1,
    // A new base rejects summaries in progress. Ordinals are never reused.
    nextOrdinal,
    windowFrom: nextOrdinal,
    chapter: chapter + 1,
    since: chapter + 1,
    erasures: [{ revision, kind: "all", beforeOrdinal: nextOrdinal, beforeMs: nowMs }],
    forgottenAtMs: nowMs,
    // The archive may have messages that this memory does not know. They are erased too when both are compared.
    ...(uncompared === undefined ? {} : { uncompared }),
  };
}
