import type { ConversationKey } from "../../../domain/conversation.ts";
import type { MessageId } from "../../../domain/message.ts";
import { isQuotedId } from "../../../domain/quoted.ts";

/**
 * The id under which a quoted message lies in the table `located`: several conversations may quote it, and each has a row.
 * All of them lie between `id` and a line end, and `id` and the sign that comes after that.
 */
export function quotedLocationKey(message: MessageId, conversation: ConversationKey): MessageId {
  return `${message}\n${conversation}`;
}

/** The same for any message: all others lie under their ids. */
export function locationKey(message: MessageId, conversation: ConversationKey): MessageId {
  return isQuotedId(message) ? quotedLocationKey(message, conversation) : message;
}
