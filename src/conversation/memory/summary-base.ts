import type { Folded } from "../../domain/inbound.ts";
import type { Moves, Recollection } from "../../domain/conversation-memory.ts";

/** So many changes can come while the model folds; with more, what began before them is dropped. */
const mostMoves = 50;

/** The next base, with the note that only this ordinal and later ones have changed. */
export function withMove(recollection: Recollection, from: number): Recollection {
  const before = recollection.base;
  const base = before + 1;
  const known = recollection.moves?.base === before ? recollection.moves : { since: before, at: [] };
  // An earlier change that reached no further back tells nothing more.
  const at = [...known.at.filter((each) => each.from < from), { base, from }];
  const dropped = at.slice(0, -mostMoves).at(-1);
  const moves: Moves = { since: dropped?.base ?? known.since, base, at: at.slice(-mostMoves) };
  return { ...recollection, base, moves };
}

/** Whether all that a fold has read stands as it was. */
export function isAsRead({ base, moves }: Recollection, folded: Pick<Folded, "base" | "summary">): boolean {
  if (folded.base === base) return true;
  if (moves?.base !== base || folded.base < moves.since) return false;
  return moves.at.every((each) => each.base <= folded.base || each.from >= folded.summary.upTo);
}
