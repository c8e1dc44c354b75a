import type { Summarized } from "../../domain/own-inbounds.ts";
import type { BaseChanges, ConversationMemory } from "../../domain/conversation-memory.ts";

/** Changes recorded in detail. A summary that began before the oldest recorded one is rejected. */
const maxMoves = 50;

/** Advances the base, and records that only this ordinal and later ones changed. */
export function recordChange(memory: ConversationMemory, from: number): ConversationMemory {
  const before = memory.base;
  const base = before + 1;
  const known = memory.moves?.base === before ? memory.moves : { since: before, at: [] };
  // Earlier changes at this ordinal or later add no information.
  const at = [...known.at.filter((each) => each.from < from), { base, from }];
  const dropped = at.slice(0, -maxMoves).at(-1);
  const moves: BaseChanges = { since: dropped?.base ?? known.since, base, at: at.slice(-maxMoves) };
  return { ...memory, base, moves };
}

/** Whether the messages that a summary was made from are unchanged. */
export function isSummaryCurrent(
  { base, moves }: ConversationMemory,
  made: Pick<Summarized, "base" | "summary">,
): boolean {
  if (made.base === base) return true;
  if (moves?.base !== base || made.base < moves.since) return false;
  return moves.at.every((each) => each.base <= made.base || each.from >= made.summary.upTo);
}
