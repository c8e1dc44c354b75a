import type { ConversationKey } from "../domain/conversation.ts";
import type { Inbound, InboxEntry } from "../domain/inbound.ts";
import type { Turn } from "../domain/turn.ts";
import { waitingForMemory } from "./apology.ts";
import { platformFor, type TurnPorts } from "./turn-ports.ts";
import { ReplyWriter } from "./write-reply.ts";

/**
 * Without memory nothing is planned, and no answer is made from an empty one. Whoever asked the bot sees one line
 * where the answer will be: it is the turn's first post, and the answer takes its place.
 */
export async function sayThatMemoryIsAway(
  ports: TurnPorts,
  outage: {
    readonly conversation: ConversationKey;
    readonly waiting: readonly InboxEntry[];
    readonly reference: string;
  },
  signal: AbortSignal,
): Promise<void> {
  const { conversation, waiting, reference } = outage;
  const { lease, turn: running, isShared } = await ports.journal.take(conversation, signal);
  const question = waiting.map(({ inbound }) => inbound).findLast((inbound) => isAsked(inbound, isShared));
  if (question?.kind !== "said" || (running !== undefined && running.posts.length > 0)) return;
  const turn: Turn = running ?? {
    id: ports.ids.turn(),
    conversation,
    attempt: 0,
    covers: [],
    replyTo: question.replyTo,
    posts: [],
  };
  try {
    const platform = platformFor(ports, turn.replyTo.platform);
    const reply = new ReplyWriter({ ...ports, platform }, lease, turn, [question.message.id]);
    await reply.show(waitingForMemory(reference), signal);
  } catch (error) {
    ports.log.warn({ err: error, reference }, "could not say that memory is away");
  }
}

function isAsked(inbound: Inbound, isShared: boolean): boolean {
  if (inbound.kind !== "said" || inbound.addressing === "others") return false;
  return inbound.addressing !== "open" || !isShared;
}
