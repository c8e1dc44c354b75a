import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Feedback } from "../../domain/feedback.ts";
import type { MessageId } from "../../domain/message.ts";

/** The memory with some of its pending feedback. */
export function keepFeedback(
  memory: ConversationMemory,
  isKept: (feedback: Feedback) => boolean,
): ConversationMemory {
  const { feedback, ...rest } = memory;
  const kept = feedback?.filter(isKept) ?? [];
  if (kept.length === feedback?.length || feedback === undefined) return memory;
  return kept.length === 0 ? rest : { ...rest, feedback: kept };
}

/**
 * Drops pending feedback on answers that a turn removed from memory, with their pending records or with their replies
 * (`goneIds`), and what is from before `fromMs`. Of answers that only the archive has, it drops the feedback itself, and memory
 * loses it after the sync.
 */
export function dropErasedFeedback(
  memory: ConversationMemory,
  {
    before,
    goneIds,
    fromMs,
  }: {
    readonly before: ConversationMemory;
    readonly goneIds: readonly MessageId[];
    readonly fromMs: number;
  },
): ConversationMemory {
  if (memory.feedback === undefined) return memory;
  const isGone = new Set(goneIds);
  const records = new Set(memory.records?.map(({ id }) => id));
  const gone = new Set([
    ...(before.records ?? []).flatMap(({ id }) => (records.has(id) ? [] : [id])),
    ...before.messages.flatMap(({ id, turnId }) => (isGone.has(id) && turnId !== undefined ? [turnId] : [])),
  ]);
  return keepFeedback(memory, ({ turn, atMs }) => !gone.has(turn) && atMs >= fromMs);
}
