import type { MessageId } from "./message.ts";

const prefix = "quoted:";

/**
 * What a message is remembered as where it was not said in the conversation, but another one there replies to it. It may
 * be quoted in many conversations, and said in one: by its own id it is found only there.
 */
export function quotedId(message: MessageId): MessageId {
  return `${prefix}${message}`;
}

export function isQuotedId(message: MessageId): boolean {
  return message.startsWith(prefix);
}
