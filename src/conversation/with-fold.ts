import type { Folded } from "../domain/inbound.ts";
import type { Recollection } from "../domain/recollection.ts";
import { countLeftOut } from "./window.ts";

/** A fold of something that has changed since is dropped; the next one reads anew. */
export function withFold(recollection: Recollection, { base, summary }: Folded): Recollection {
  if (base !== recollection.base) return recollection;
  const windowFrom = Math.max(recollection.windowFrom, summary.upTo);
  const folded = { ...recollection, base: base + 1, summary, windowFrom };
  return { ...folded, leftOut: countLeftOut(folded) };
}
