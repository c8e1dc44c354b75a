import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Finish } from "../../ports/journal.ts";
import { createErasureMark } from "../memory/erasure-mark.ts";
import type { ListenPlan } from "../planning/plan.ts";
import type { Remembered } from "./next-memory.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";

/** Whether a conversation was erased and has no message since: only the mark of the erasure is left. */
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
 * What to store after a turn without an answer. On the web chat, a conversation without any message of its person is erased
 * as a whole, so that it is no longer listed. On other platforms, other people may still write in it.
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
