import type { Recollection } from "../../domain/conversation-memory.ts";
import type { Finish } from "../../ports/journal.ts";
import { forgottenMark } from "../memory/erasure-mark.ts";
import type { ListenPlan } from "./plan-turn.ts";
import type { Remembered } from "./next-memory.ts";
import type { TurnPorts } from "./turn-ports.ts";

/** Everything was forgotten, and nothing was said since: only the mark of it is left. */
export function isForgotten(recollection: Recollection): boolean {
  const { forgottenAtMs, erasing, closed, messages, summary } = recollection;
  return (
    forgottenAtMs !== undefined &&
    erasing === undefined &&
    closed === undefined &&
    summary === undefined &&
    messages.length === 0
  );
}

/**
 * What stays on our own page of a conversation whose person was forgotten: where they have said nothing since, no more
 * than of one that was removed, so that it is not listed any more. Elsewhere other people may still write in it.
 */
export function withoutEmptied(
  { platforms, clock }: Pick<TurnPorts, "platforms" | "clock">,
  { changes, said }: Pick<ListenPlan, "changes" | "said">,
  { recollection, traces }: Pick<Remembered, "recollection" | "traces">,
): Pick<Finish, "erase" | "recollection" | "title" | "gone" | "changed" | "isUnnamed"> {
  const isOurs = platforms.get(recollection.platform)?.isOurPage === true;
  const hasWords = said.length > 0 || recollection.messages.some(({ role }) => role === "person");
  if (!isOurs || hasWords) return { ...traces, recollection };
  if (isForgotten(recollection)) return { ...traces, erase: true, recollection };
  if (!changes.some(({ kind }) => kind === "forgot")) return { ...traces, recollection };
  return { ...traces, erase: true, recollection: forgottenMark(recollection, clock.nowMs()) };
}
