import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Feedback } from "../../domain/feedback.ts";
import { messagesNamedBy, startOfRecord, type TurnRecord } from "../../domain/turn-record.ts";

/**
 * The turn records of an older memory that the archive may lack. It ignores those that it has or erased. A record of messages
 * that are appended again (`only`, with their new ordinals) moves behind them.
 */
export function unsyncedRecords(
  { forgottenAtMs = 0 }: ConversationMemory,
  older: ConversationMemory,
  only: ConversationMemory["messages"],
): readonly TurnRecord[] {
  const ordinals = new Map(only.map(({ id, ordinal }) => [id, ordinal]));
  return (older.records ?? [])
    .filter((record) => startOfRecord(record) > forgottenAtMs)
    .map((record) => {
      const moved = messagesNamedBy(record).map((id) => ordinals.get(id) ?? 0);
      return Object.assign({}, record, { ordinal: Math.max(record.ordinal, ...moved) });
    });
}

/** The feedback of an older memory that the archive may lack. It ignores what it has, or whose turn it has not. */
export function unsyncedFeedback(
  { forgottenAtMs = 0 }: ConversationMemory,
  { feedback = [] }: ConversationMemory,
): readonly Feedback[] {
  return feedback.filter(({ atMs }) => atMs > forgottenAtMs);
}
