import {
  type Attachment,
  type Message,
  type MessageId,
  type PostId,
  type TurnId,
  messageIdOf,
} from "../../domain/message.ts";
import type { ConversationMemory, RememberedMessage, Source } from "../../domain/conversation-memory.ts";
import { findRepliedTo, replyMark, insertQuoted } from "../text/quoted-messages.ts";
import { type CountTokens, applyEditTo, addTokenCount } from "./remembered-message.ts";
import { hadNoName, renameAuthor, upsertSpeaker } from "./speakers.ts";

/**
 * Appends messages of people, each after the message that it quotes. Idempotent: known ids are skipped, but a question that
 * was given up becomes active again. `botName`: the bot's name there, which no speaker gets as a label.
 */
export function appendMessages(
  memory: ConversationMemory,
  said: readonly Message[],
  countTokens: CountTokens,
  botName?: string,
): ConversationMemory {
  const known = new Set(memory.messages.map((message) => message.id));
  let { speakers, nextOrdinal } = memory;
  let messages = [...memory.messages];
  for (const message of insertQuoted(memory, said)) {
    if (known.has(message.id)) {
      messages = messages.map((each) =>
        each.id === message.id ? restoreGivenUp(each, memory, countTokens) : each,
      );
      continue;
    }
    known.add(message.id);
    const isNamedNow = hadNoName(speakers, message.author);
    speakers = upsertSpeaker(speakers, message, { messages, botName });
    const speaker = speakers.find(({ id }) => id === message.author.id)?.label ?? message.author.name;
    if (isNamedNow) messages = renameAuthor(messages, message.author, { speaker, revision: memory.revision });
    const remembered = { ...message, role: "person", speaker, answers: [] } as const;
    const target = findRepliedTo(messages, message);
    const marking = target === undefined ? 0 : countTokens(replyMark(target));
    const now = assignOrdinal({ ...memory, nextOrdinal }, remembered, countTokens);
    messages.push(marking === 0 ? now : { ...now, tokens: now.tokens + marking });
    nextOrdinal += 1;
  }
  return { ...memory, messages, speakers, nextOrdinal };
}

/** Makes a question that was given up visible to the model again. */
function restoreGivenUp(
  message: RememberedMessage,
  memory: ConversationMemory,
  countTokens: CountTokens,
): RememberedMessage {
  return message.isGivenUp === true ? applyEditTo(message, message, memory, countTokens) : message;
}

/** A reply of the bot, as it goes into memory. */
export interface ReplyToRemember {
  readonly id: MessageId;
  readonly role: "bot" | "notice";
  /** With the texts of its files. */
  readonly text: string;
  /** Missing: it has no files. */
  readonly attachments?: readonly Attachment[];
  readonly answers: readonly MessageId[];
  /** See RememberedMessage. */
  readonly questions?: readonly MessageId[];
  readonly saidAtMs: number;
  readonly posts: readonly PostId[];
  readonly permalink?: string;
  readonly sources: readonly Source[];
  /** See RememberedMessage. */
  readonly turnId?: TurnId;
}

/** Appends a reply, or a `notice` that only people see. Idempotent by id. */
export function appendReply(
  memory: ConversationMemory,
  reply: ReplyToRemember,
  countTokens: CountTokens,
): ConversationMemory {
  const { posts, sources, ...rest } = reply;
  if (memory.messages.some((message) => message.id === reply.id)) return memory;
  const author = { id: "bot", name: "Threadkeeper" };
  const message = {
    attachments: [],
    ...rest,
    author,
    speaker: author.name,
    ...(posts.length === 0 ? {} : { posts }),
    ...(sources.length === 0 ? {} : { sources }),
  };
  const messages = [...memory.messages, assignOrdinal(memory, message, countTokens)];
  return { ...memory, messages, nextOrdinal: memory.nextOrdinal + 1 };
}

/** A reply's id: that of its first post, or the turn's if it has no post. */
export function replyIdOf(posts: readonly PostId[], turn: string): MessageId {
  return posts[0] === undefined ? turn : messageIdOf(posts[0]);
}

function assignOrdinal(
  { chapter, nextOrdinal, revision }: ConversationMemory,
  message: Omit<RememberedMessage, "tokens" | "chapter" | "ordinal" | "revision">,
  countTokens: CountTokens,
): RememberedMessage {
  return addTokenCount({ ...message, chapter, ordinal: nextOrdinal, revision }, countTokens);
}
