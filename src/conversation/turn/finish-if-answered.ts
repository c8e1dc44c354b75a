import type { InboxEntry } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Lease } from "../../domain/turn.ts";
import type { Finish } from "../../ports/journal.ts";
import type { TurnPorts } from "./turn-ports.ts";

/**
 * Whether something waits although memory holds its answer, and then that is done with: the hot store came back without
 * the end of that turn, and the archive had it already. The answer stands where people read it. Asked again, the model
 * would be given a prompt that ends with its own answer, and what it says to that would replace the answer.
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
  // What was given up has a notice, and may be given back to its conversation.
  const replies = messages.filter(
    ({ role, answers }) => role === "bot" && answers.some((id) => said.has(id)),
  );
  if (replies.length === 0) return undefined;
  const answered = replies.flatMap(({ answers }) => answers.flatMap((id) => said.get(id) ?? []));
  return { covers: [...new Set(answered)], posts: replies.flatMap(({ posts = [] }) => posts) };
}
