import type { Inbound } from "../../domain/inbound.ts";
import type { MessageId } from "../../domain/message.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";

/**
 * What an app posts is heard like the talk of people among themselves: it calls nobody, begins no conversation and orders
 * nothing, whomever it names. Otherwise two bots could answer each other for ever. Only what the operator lets call the
 * bot does; it orders nothing either.
 */
export function asOverheard(inbound: Inbound): Inbound {
  if (!canBeDeferred(inbound)) return inbound;
  if (inbound.kind === "said") return { ...inbound, addressing: "others" };
  if (inbound.kind !== "edited") return inbound;
  const { call: _, ...edit } = inbound;
  return edit;
}

/** Whether an app said it, or changed what it had said. */
export function isByApp(inbound: Inbound): boolean {
  if (inbound.kind === "edited") return inbound.isByApp === true;
  return inbound.kind === "said" && inbound.message.author.isApp === true;
}

/** Whether it can wait until somebody asks, or until waiting conversations are looked through: nobody is to answer it. */
export function canBeDeferred(inbound: Inbound): boolean {
  return isByApp(inbound) && !(inbound.kind === "said" && inbound.mayCall === true);
}

/** Whether a message that is remembered is an app's. */
export function isRememberedAppMessage(
  { messages }: Pick<ConversationMemory, "messages">,
  message: MessageId,
): boolean {
  return messages.some(({ id, author }) => id === message && author.isApp === true);
}
