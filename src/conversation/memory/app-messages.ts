import type { Inbound } from "../../domain/inbound.ts";
import type { MessageId } from "../../domain/message.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";

/**
 * Treats an app's message as talk among other people: it never calls the bot, starts a conversation or runs a command.
 * Otherwise two bots could answer each other forever. Apps that the operator allows may call the bot, but run no commands.
 */
export function asOverheard(inbound: Inbound): Inbound {
  if (!canBeDeferred(inbound)) return inbound;
  if (inbound.kind === "said") return { ...inbound, addressing: "others" };
  if (inbound.kind !== "edited") return inbound;
  const { call: _, ...edit } = inbound;
  return edit;
}

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
