import type { ConversationKey } from "../../../domain/conversation.ts";
import type { MessageId } from "../../../domain/message.ts";
import { isQuotedId } from "../../../domain/quoted.ts";

/**
 * The id of a quoted message in the table `located`, with one row per conversation that quotes it. All of its rows
 * lie between `id` + "\n" and `id` + "\v".
 */
export function quotedLocationKey(message: MessageId, conversation: ConversationKey): MessageId {
  return `${message}\n${conversation}`;
}

/** The same for any message. Other messages are stored under their own ids. */
export function locationKey(message: MessageId, conversation: ConversationKey): MessageId {
  return isQuotedId(message) ? quotedLocationKey(message, conversation) : message;
}
