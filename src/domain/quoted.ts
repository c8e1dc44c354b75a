import type { MessageId } from "./message.ts";

const prefix = "quoted:";

/**
 * The id under which a conversation remembers a message that was not written there, but is quoted there. The message may be
 * quoted in many conversations; its own id leads only to the one in which it was written.
 */
export function quotedId(message: MessageId): MessageId {
  return `${prefix}${message}`;
}

/** Whether an id was made by quotedId. */
export function isQuotedId(message: MessageId): boolean {
  return message.startsWith(prefix);
}
