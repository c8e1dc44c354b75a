import type { Summarized } from "../../domain/inbound.ts";
import type { BaseChanges, ConversationMemory } from "../../domain/conversation-memory.ts";

/** So many changes can come while the model folds; with more, what began before them is dropped. */
const maxMoves = 50;

/** The next base, with the note that only this ordinal and later ones have changed. */
export function recordChange(memory: ConversationMemory, from: number): ConversationMemory {
  const before = memory.base;
  const base = before + 1;
  const known = memory.moves?.base === before ? memory.moves : { since: before, at: [] };
  // An earlier change that reached no further back tells nothing more.
  const at = [...known.at.filter((each) => each.from < from), { base, from }];
  const dropped = at.slice(0, -maxMoves).at(-1);
  const moves: BaseChanges = { since: dropped?.base ?? known.since, base, at: at.slice(-maxMoves) };
  return { ...memory, base, moves };
}

/** Whether all that a fold has read stands as it was. */
export function isSummaryCurrent(
  { base, moves }: ConversationMemory,
  folded: Pick<Summarized, "base" | "summary">,
): boolean {
  if (folded.base === base) return true;
  if (moves?.base !== base || folded.base < moves.since) return false;
  return moves.at.every((each) => each.base <= folded.base || each.from >= folded.summary.upTo);
}
