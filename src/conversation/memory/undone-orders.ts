import type { ConversationMemory, UndoneOrders } from "../../domain/conversation-memory.ts";

/** How many resets are known as undone. One that was undone before them is older than a day, or was soon repeated. */
const maxResets = 20;

/** What two records of a conversation know as undone. Undefined: nothing. */
function joinUndone(one?: UndoneOrders, other?: UndoneOrders): UndoneOrders | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const resets = [...new Set([...one.resets, ...other.resets])].toSorted((a, b) => a - b).slice(-maxResets);
  const erasures = latest(one.erasures, other.erasures);
  return { resets, ...(erasures === undefined ? {} : { erasures }) };
}

type Erasures = UndoneOrders["erasures"];

/** Before the later ones, everything was erased for good, or they include the earlier ones. */
function latest(one: Erasures, other: Erasures): Erasures {
  if (one === undefined || other === undefined) return one ?? other;
  const [earlier, later] = one.untilMs <= other.untilMs ? [one, other] : [other, one];
  return later.untilMs === earlier.untilMs
    ? { ...later, afterMs: Math.max(earlier.afterMs, later.afterMs) }
    : later;
}

/** Records in memory what was undone. */
export function addUndone(memory: ConversationMemory, more: UndoneOrders | undefined): ConversationMemory {
  const undone = joinUndone(memory.undone, more);
  return undone === undefined ? memory : { ...memory, undone };
}

/** Whether a reset that was ordered then was undone, alone or by the undo of a deletion that was ordered after it. */
export function isResetUndone({ undone }: ConversationMemory, orderedAtMs: number): boolean {
  return (
    undone !== undefined && (undone.resets.includes(orderedAtMs) || isErasureUndone({ undone }, orderedAtMs))
  );
}

/** Whether a deletion of the conversation that was ordered then was undone. */
export function isErasureUndone(
  { undone }: Pick<ConversationMemory, "undone">,
  orderedAtMs: number,
): boolean {
  const { afterMs = 0, untilMs = 0 } = undone?.erasures ?? {};
  return afterMs < orderedAtMs && orderedAtMs <= untilMs;
}
