import type { MessageId } from "./message.ts";

const mark = "order:";

/** The id of a question that was given as a command, without a message: a slash command. */
export function orderedMessageId(dedupeId: string): MessageId {
  return mark + dedupeId;
}

/** Whether no message of a platform has the id. */
export function isOrdered(id: MessageId): boolean {
  return id.startsWith(mark);
}
