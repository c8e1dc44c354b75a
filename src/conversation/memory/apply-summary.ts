import type { Folded } from "../../domain/inbound.ts";
import type { Recollection } from "../../domain/conversation-memory.ts";
import { isAsRead } from "./summary-base.ts";
import { countLeftOut } from "./window.ts";

/** A fold of something that has changed since is dropped; the next one reads anew. */
export function withFold(recollection: Recollection, fold: Folded): Recollection {
  if (!isAsRead(recollection, fold)) return recollection;
  const { summary } = fold;
  const { moves: _, ...rest } = recollection;
  const windowFrom = Math.max(recollection.windowFrom, summary.upTo);
  const folded = { ...rest, base: recollection.base + 1, summary, windowFrom };
  return { ...folded, leftOut: countLeftOut(folded) };
}
