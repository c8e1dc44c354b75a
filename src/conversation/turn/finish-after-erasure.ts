import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Finish } from "../../ports/journal.ts";
import { createErasureMark } from "../memory/erasure-mark.ts";
import type { ListenPlan } from "./plan-turn.ts";
import type { Remembered } from "./next-memory.ts";
import type { TurnPorts } from "./turn-ports.ts";

/** Everything was forgotten, and nothing was said since: only the mark of it is left. */
export function isForgotten(memory: ConversationMemory): boolean {
  const { forgottenAtMs, erasing, closed, messages, summary } = memory;
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
export function finishAfterErasure(
  { platforms, clock }: Pick<TurnPorts, "platforms" | "clock">,
  { changes, said }: Pick<ListenPlan, "changes" | "said">,
  { memory, traces }: Pick<Remembered, "memory" | "traces">,
): Pick<Finish, "erase" | "memory" | "title" | "gone" | "changed" | "isUnnamed"> {
  const isOurs = platforms.get(memory.platform)?.isOurPage === true;
  const hasWords = said.length > 0 || memory.messages.some(({ role }) => role === "person");
  if (!isOurs || hasWords) return { ...traces, memory };
  if (isForgotten(memory)) return { ...traces, erase: true, memory };
  if (!changes.some(({ kind }) => kind === "forgot")) return { ...traces, memory };
  return { ...traces, erase: true, memory: createErasureMark(memory, clock.nowMs()) };
}
