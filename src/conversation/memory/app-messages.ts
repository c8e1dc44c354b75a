import type { Inbound } from "../../domain/inbound.ts";
import type { MessageId } from "../../domain/message.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";

/** Whether an app posted or edited the message. */
export function isByApp(inbound: Inbound): boolean {
  if (inbound.kind === "edited") return inbound.isByApp === true;
  return inbound.kind === "said" && inbound.message.author.isApp === true;
}

/** Whether the inbound needs no answer, so its turn can wait for the next question or the next sweep. */
export function canBeDeferred(inbound: Inbound): boolean {
  return isByApp(inbound) && !(inbound.kind === "said" && inbound.mayCall === true);
}

/** Whether memory holds the message, and an app posted it. */
export function isRememberedAppMessage(
  { messages }: Pick<ConversationMemory, "messages">,
  message: MessageId,
): boolean {
  return messages.some(({ id, author }) => id === message && author.isApp === true);
}
