import type { InboxEntry } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Lease } from "../../domain/turn.ts";
import type { Finish } from "../../ports/journal.ts";
import type { TurnPorts } from "../planning/turn-ports.ts";

/**
 * Finishes entries whose answer is already in memory, and returns whether there were any. This happens after the hot store
 * lost the end of a turn that the archive already had. Asking again would show the model its own answer, and replace it.
 */
export async function finishIfAnswered(
  { journal }: Pick<TurnPorts, "journal">,
  held: {
    readonly lease: Lease;
    readonly waiting: readonly InboxEntry[];
    readonly before: ConversationMemory;
  },
  signal: AbortSignal,
): Promise<boolean> {
  const answered = answeredIn(held.waiting, held.before);
  if (answered === undefined) return false;
  await journal.finish(held.lease, answered, signal);
  return true;
}

function answeredIn(
  waiting: readonly InboxEntry[],
  { messages }: ConversationMemory,
): Pick<Finish, "covers" | "posts"> | undefined {
  const said = new Map(
    waiting.flatMap(({ id, inbound }) =>
      inbound.kind === "said" ? [[inbound.message.id, id] as const] : [],
    ),
  );
  // A dead-lettered message has only a notice, and the operator may retry it.
  const replies = messages.filter(
    ({ role, answers }) => role === "bot" && answers.some((id) => said.has(id)),
  );
  if (replies.length === 0) return undefined;
  const answered = replies.flatMap(({ answers }) => answers.flatMap((id) => said.get(id) ?? []));
  return { covers: [...new Set(answered)], posts: replies.flatMap(({ posts = [] }) => posts) };
}
