import { type Message, type MessageId, messageIdOf } from "../../domain/message.ts";
import { quotedId } from "../../domain/quoted.ts";
import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import { oneLine } from "./format-message.ts";

const maxChars = 80;

/**
 * What people said, each behind the message that it replies to, where the next prompt would not hold that: not what was
 * said in the conversation a moment ago, and nothing from before the conversation was forgotten.
 */
export function insertQuoted(memory: ConversationMemory, said: readonly Message[]): readonly Message[] {
  const { messages, since, windowFrom, forgottenAtMs = 0 } = memory;
  const window = messages.filter(({ chapter, ordinal }) => chapter >= since && ordinal >= windowFrom);
  const held = new Set(window.flatMap(replyableIds));
  return said.flatMap(({ quoted, ...message }) => {
    held.add(message.id);
    if (quoted === undefined || held.has(quoted.id) || quoted.saidAtMs < forgottenAtMs) return [message];
    held.add(quoted.id);
    return [asQuoted(quoted), message];
  });
}

/** A message as it is remembered where another one replies to it. */
export function asQuoted(message: Message): Omit<Message, "quoted"> {
  const { quoted: _, ...bare } = message;
  return { ...bare, id: quotedId(message.id) };
}

/** A line for the model where a message replies to one that does not stand directly before it. */
export function replyMark({ role, speaker, text, attachments }: RememberedMessage): string {
  const words = oneLine((text === "" ? (attachments[0]?.name ?? "") : text).slice(0, maxChars * 4));
  const shown = words.length <= maxChars ? words : `${words.slice(0, maxChars).toWellFormed()}…`;
  return `[in reply to ${role === "bot" ? "you" : speaker}: "${shown}"]`;
}

/** The message that another one replies to, among these. */
export function findRepliedTo(
  messages: readonly RememberedMessage[],
  { inReplyTo }: Pick<Message, "inReplyTo">,
): RememberedMessage | undefined {
  if (inReplyTo === undefined) return undefined;
  return messages.findLast((message) => replyableIds(message).includes(inReplyTo));
}

/** The same for all of them, by the ids by which replies find them. */
export function indexByReplyId(
  messages: readonly RememberedMessage[],
): ReadonlyMap<MessageId, RememberedMessage> {
  return new Map(messages.flatMap((message) => replyableIds(message).map((id) => [id, message] as const)));
}

/** By which replies find it: also those of each of its posts. */
function replyableIds({ id, posts = [] }: RememberedMessage): readonly MessageId[] {
  return [id.replace(/^quoted:/u, ""), ...posts.map(messageIdOf)];
}
