import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { emptyMemory, advanceRevision } from "./new-memory.ts";

/**
 * What stays of a forgotten conversation: no text, no person, only that it was forgotten. By it the ledger hears of it,
 * and what was said before is never fetched again.
 */
export function createErasureMark(before: ConversationMemory, nowMs: number): ConversationMemory {
  const { conversation, platform, place, nextOrdinal, base, chapter } = before;
  const { revision } = advanceRevision(before, { platform, place }, nowMs);
  return {
    ...emptyMemory(conversation, { platform, place }),
    revision,
    base: base + 1,
    // A fold of what is gone must meet another base, and new messages other ordinals.
    nextOrdinal,
    windowFrom: nextOrdinal,
    chapter: chapter + 1,
    since: chapter + 1,
    erasures: [{ revision, kind: "all", beforeOrdinal: nextOrdinal }],
    forgottenAtMs: nowMs,
  };
}
