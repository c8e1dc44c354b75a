import { type Message, type MessageId, messageIdOf } from "../../domain/message.ts";
import { quotedId } from "../../domain/quoted.ts";
import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import { oneLine } from "../../domain/one-line.ts";

const maxChars = 80;

/**
 * Inserts before each message the one that it replies to, unless the next prompt holds that already or it is older than
 * the conversation's erasure.
 */
export function insertQuoted(memory: ConversationMemory, said: readonly Message[]): readonly Message[] {
  if (said.every(({ quoted }) => quoted === undefined)) return said;
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

/** The quoted copy of a message: its own id, no nested quotation. */
export function asQuoted(message: Message): Omit<Message, "quoted"> {
  const { quoted: _, ...bare } = message;
  return { ...bare, id: quotedId(message.id) };
}

/** The line that tells the model which earlier message this one replies to. At most 80 characters are quoted. */
export function replyMark({ role, speaker, text, attachments }: RememberedMessage): string {
  const words = oneLine((text === "" ? (attachments[0]?.name ?? "") : text).slice(0, maxChars * 4));
  const shown = words.length <= maxChars ? words : `${words.slice(0, maxChars).toWellFormed()}…`;
  return `[in reply to ${role === "bot" ? "you" : speaker}: "${shown}"]`;
}

/** Finds the message that another one replies to. */
export function findRepliedTo(
  messages: readonly RememberedMessage[],
  { inReplyTo }: Pick<Message, "inReplyTo">,
): RememberedMessage | undefined {
  if (inReplyTo === undefined) return undefined;
  return messages.findLast((message) => replyableIds(message).includes(inReplyTo));
}

/** Indexes messages by every id that a reply can refer to. Empty if none of them is a reply. */
export function indexByReplyId(
  messages: readonly RememberedMessage[],
): ReadonlyMap<MessageId, RememberedMessage> {
  if (messages.every(({ inReplyTo }) => inReplyTo === undefined)) return new Map();
  return new Map(messages.flatMap((message) => replyableIds(message).map((id) => [id, message] as const)));
}

/** Ids that a reply can refer to: the message's own and those of all its posts. */
function replyableIds({ id, posts = [] }: RememberedMessage): readonly MessageId[] {
  return [id.replace(/^quoted:/u, ""), ...posts.map(messageIdOf)];
}
