import type { ConversationKey } from "../../domain/conversation.ts";
import {
  unknownName,
  type Author,
  type Message,
  type MessageId,
  type PostId,
  messageIdOf,
} from "../../domain/message.ts";
import type {
  ConversationMemory,
  RememberedMessage,
  Source,
  Speaker,
} from "../../domain/conversation-memory.ts";
import { isQuotedId } from "../../domain/quoted.ts";
import { mostMarked } from "../text/forged-lines.ts";
import { repliedToIn, replyMark, withQuoted } from "../text/quoted-messages.ts";
import { isLabelFor, labelFor } from "../text/speaker-label.ts";
import { formatMessage } from "../text/format-message.ts";

export type CountTokens = (text: string) => number;

/** Where a conversation is listed. */
export type ConversationLocation = Pick<ConversationMemory, "platform" | "place">;

/** The memory of a conversation in which nothing has been said. */
export function nothingYet(
  conversation: ConversationKey,
  location: ConversationLocation,
): ConversationMemory {
  return {
    version: 2,
    conversation,
    ...location,
    revision: 0,
    base: 0,
    chapter: 1,
    since: 1,
    nextOrdinal: 1,
    messages: [],
    windowFrom: 1,
    leftOut: 0,
    erasures: [],
    edits: [],
    speakers: [],
  };
}

/**
 * The memory that the next write will leave; what changes in it carries its revision. That is a time: where the store comes
 * back in an older form, its next revisions are newer than those that it has lost, which the archive may have.
 */
export function nextRevision(
  before: ConversationMemory,
  location: ConversationLocation,
  nowMs: number,
): ConversationMemory {
  const revision = Math.max(before.revision + 1, nowMs);
  return { ...before, ...(location.place === "" ? {} : location), revision };
}

/** Remembers what people said. `botName`: the bot's own there, which nobody else is called. A message that is remembered already stays as it is: retries change nothing. */
export function withSaid(
  memory: ConversationMemory,
  said: readonly Message[],
  countTokens: CountTokens,
  botName?: string,
): ConversationMemory {
  const known = new Set(memory.messages.map((message) => message.id));
  let { speakers, nextOrdinal } = memory;
  let messages = [...memory.messages];
  for (const message of withQuoted(memory, said)) {
    if (known.has(message.id)) {
      messages = messages.map((each) =>
        each.id === message.id ? givenBack(each, memory, countTokens) : each,
      );
      continue;
    }
    known.add(message.id);
    const isNamedNow = wasNameless(speakers, message.author);
    speakers = withSpeaker(speakers, message, { messages, botName });
    const speaker = speakers.find(({ id }) => id === message.author.id)?.label ?? message.author.name;
    if (isNamedNow) messages = renamed(messages, message.author, { speaker, revision: memory.revision });
    const remembered = { ...message, role: "person", speaker, answers: [] } as const;
    const target = repliedToIn(messages, message);
    const marking = target === undefined ? 0 : countTokens(replyMark(target));
    const now = placed({ ...memory, nextOrdinal }, remembered, countTokens);
    messages.push(marking === 0 ? now : { ...now, tokens: now.tokens + marking });
    nextOrdinal += 1;
  }
  return { ...memory, messages, speakers, nextOrdinal };
}

/** What could not be answered is for the model again once it is said again. */
function givenBack(
  message: RememberedMessage,
  memory: ConversationMemory,
  countTokens: CountTokens,
): RememberedMessage {
  return message.isGivenUp === true ? reworded(message, message.text, memory, countTokens) : message;
}

/** What is remembered of a reply. */
export interface ReplyToRemember {
  readonly id: MessageId;
  readonly role: "bot" | "notice";
  readonly text: string;
  readonly answers: readonly MessageId[];
  /** See RememberedMessage. */
  readonly questions?: readonly MessageId[];
  readonly saidAtMs: number;
  readonly posts: readonly PostId[];
  readonly permalink?: string;
  readonly sources: readonly Source[];
}

/** Remembers a reply, or a `notice` that only people see. */
export function withReply(
  memory: ConversationMemory,
  reply: ReplyToRemember,
  countTokens: CountTokens,
): ConversationMemory {
  const { posts, sources, ...rest } = reply;
  if (memory.messages.some((message) => message.id === reply.id)) return memory;
  const author = { id: "bot", name: "Threadkeeper" };
  const message = {
    ...rest,
    author,
    attachments: [],
    speaker: author.name,
    ...(posts.length === 0 ? {} : { posts }),
    ...(sources.length === 0 ? {} : { sources }),
  };
  const messages = [...memory.messages, placed(memory, message, countTokens)];
  return { ...memory, messages, nextOrdinal: memory.nextOrdinal + 1 };
}

/** A message with another text, as this revision of the memory has it. */
export function reworded(
  message: RememberedMessage,
  text: string,
  { revision }: ConversationMemory,
  countTokens: CountTokens,
): RememberedMessage {
  const { isGivenUp: _, ...rest } = message;
  return withTokens({ ...rest, text, revision }, countTokens);
}

/** The id of a reply: that of its first post, or its turn's where it has none. */
export function replyIdOf(posts: readonly PostId[], turn: string): MessageId {
  return posts[0] === undefined ? turn : messageIdOf(posts[0]);
}

/** Whether prompts hold it: neither what the bot says about itself, nor what it failed to answer again and again. */
export function isForModel({ role, isGivenUp }: Pick<RememberedMessage, "role" | "isGivenUp">): boolean {
  return role !== "notice" && isGivenUp !== true;
}

/** The messages that the current memory holds, oldest first: since the last reset that was not undone. */
export function currentMessages({ messages, since }: ConversationMemory): readonly RememberedMessage[] {
  return messages.filter((message) => message.chapter >= since);
}

function placed(
  { chapter, nextOrdinal, revision }: ConversationMemory,
  message: Omit<RememberedMessage, "tokens" | "chapter" | "ordinal" | "revision">,
  countTokens: CountTokens,
): RememberedMessage {
  return withTokens({ ...message, chapter, ordinal: nextOrdinal, revision }, countTokens);
}

/** A message with its tokens, which are counted once. */
export function withTokens(
  message: Omit<RememberedMessage, "tokens">,
  countTokens: CountTokens,
): RememberedMessage {
  // Providers add a few tokens of their own around every message; so does what marks a line as a quotation.
  const marks = message.role === "person" ? mostMarked(message.text) : 0;
  return { ...message, tokens: isForModel(message) ? countTokens(formatMessage(message)) + marks + 4 : 0 };
}

function wasNameless(speakers: readonly Speaker[], { id, name }: Author): boolean {
  const known = speakers.find((speaker) => speaker.id === id);
  const nameless = { id, name: unknownName };
  return known !== undefined && name !== unknownName && isLabelFor(nameless, known.label, undefined);
}

/** What was said under no name gets the name that is known now. Its tokens stay as they were counted. */
function renamed(
  messages: RememberedMessage[],
  author: Author,
  now: Pick<RememberedMessage, "speaker" | "revision">,
): RememberedMessage[] {
  return messages.map((message) =>
    message.author.id === author.id ? { ...message, author, ...now } : message,
  );
}

/** What decides how somebody is called. */
interface CalledBeside {
  readonly messages: readonly RememberedMessage[];
  readonly botName: string | undefined;
}

function withSpeaker(
  speakers: readonly Speaker[],
  { id: message, author, saidAtMs }: Pick<Message, "id" | "author" | "saidAtMs">,
  beside: CalledBeside,
): readonly Speaker[] {
  const known = speakers.find(({ id }) => id === author.id);
  const lastAtMs = Math.max(known?.lastAtMs ?? 0, saidAtMs);
  // An app may write in the name of a person's account.
  const wasApp = known === undefined || known.isApp === true || known.lastAtMs === undefined;
  const isApp = author.isApp === true && wasApp;
  const isQuoted = isQuotedId(message) && (known === undefined || known.isQuoted === true);
  const timeZone = known?.timeZone ?? author.timeZone;
  const now = {
    lastAtMs,
    ...(isApp ? { isApp } : {}),
    ...(isQuoted ? { isQuoted } : {}),
    ...(timeZone === undefined ? {} : { timeZone }),
  };
  return withName(speakers, author, beside).map((each) =>
    each.id === author.id ? Object.assign({ id: each.id, label: each.label }, now) : each,
  );
}

/**
 * A person who was renamed, or whose name was not known before, has the new label from here on. A label that others had,
 * and under which their messages still stand, is nobody else's.
 */
function withName(
  speakers: readonly Speaker[],
  author: Author,
  { messages, botName }: CalledBeside,
): readonly Speaker[] {
  const known = speakers.find(({ id }) => id === author.id);
  if (known !== undefined && (author.name === unknownName || isLabelFor(author, known.label, botName)))
    return speakers;
  const before = messages.map(({ author: { id }, speaker: label }) => ({ id, label }));
  const others = [...speakers, ...before].filter(({ id }) => id !== author.id);
  const now = { id: author.id, label: labelFor(author, others, botName) };
  if (known === undefined) return [...speakers, now];
  return speakers.map((speaker) => (speaker.id === author.id ? now : speaker));
}
