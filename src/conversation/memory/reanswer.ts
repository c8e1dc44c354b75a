import { filesOnly, postsOnly } from "../../domain/file-post.ts";
import { hasSameFiles } from "../../domain/edit-message.ts";
import { saidIn } from "../../domain/file-texts.ts";
import type { Edited, InboxEntry, Said } from "../../domain/inbound.ts";
import type { Reasked, Retracted } from "../../domain/own-inbounds.ts";
import type { MessageId } from "../../domain/message.ts";
import { placeholderText } from "../../domain/fixed-notices.ts";
import type { Erasure, ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import type { Turn } from "../../domain/turn.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Inbox } from "../../ports/inbox.ts";
import { appendReply, type ReplyToRemember } from "./append.ts";
import { type CountTokens, addTokenCount } from "./remembered-message.ts";

/** A question to answer again, in the posts of its old answer. */
export type Reanswer = Pick<Reasked, "message" | "reply" | "posts" | "answers" | "action">;

/**
 * Finds our answer to an edited message, if it can be given again: it is in the window, has posts, and the edit says where
 * to reply. Undefined if only white space changed, and no file.
 */
export function findAnswerToRedo(
  memory: ConversationMemory,
  known: RememberedMessage,
  edit: Edited,
): RememberedMessage | undefined {
  const { replyTo, call } = edit;
  // An edit that newly calls the bot gets an answer of its own.
  if (call !== undefined || replyTo === undefined || isSameToReaders(known, edit)) return undefined;
  const { since, windowFrom } = memory;
  return memory.messages.findLast(
    ({ role, answers, chapter, ordinal, posts = [] }) =>
      role !== "person" &&
      posts.length > 0 &&
      chapter >= since &&
      ordinal >= windowFrom &&
      answers.includes(known.id),
  );
}

function isSameToReaders(
  known: RememberedMessage,
  { text, attachments = known.attachments }: Edited,
): boolean {
  const said = saidIn(attachments === known.attachments ? { text, attachments: [] } : { text, attachments });
  return (
    collapseSpaces(saidIn(known)) === collapseSpaces(said) && hasSameFiles(known.attachments, attachments)
  );
}

function collapseSpaces(text: string): string {
  return text.replaceAll(/\s+/gu, " ").trim();
}

/** Whether the answer is waiting to be given again. */
export function isPlaceholder({ role, text }: RememberedMessage): boolean {
  return role === "notice" && text === placeholderText;
}

/** Replaces an answer by the placeholder. It keeps its position and posts, and prompts no longer hold it. */
export function asPlaceholder(
  answer: RememberedMessage,
  { revision }: ConversationMemory,
): RememberedMessage {
  const { sources: _, ...rest } = answer;
  return { ...rest, role: "notice", text: placeholderText, attachments: [], tokens: 0, revision };
}

/** The inbound that asks the edited question again, after everything that waits. One per edit. */
export function reaskAfterEdit(
  edit: Edited,
  known: RememberedMessage,
  answer: RememberedMessage,
): Reasked | undefined {
  const { conversation, platform, place, replyTo, dedupeId } = edit;
  if (replyTo === undefined) return undefined;
  const base = { kind: "reasked", conversation, platform, place, replyTo } as const;
  const { posts = [], answers } = answer;
  const of = { message: known.id, author: known.author, reply: answer.id, posts, answers };
  return { ...base, ...of, dedupeId: `again:${dedupeId}` };
}

/** How to answer a question that was given up and that the operator requeued: in place of its apology. Undefined for any other. */
export function reanswerGivenUp({ messages }: ConversationMemory, question: MessageId): Reanswer | undefined {
  const isGivenUp = messages.some(({ id, isGivenUp: given }) => id === question && given === true);
  if (!isGivenUp) return undefined;
  const notice = messages.findLast(({ role, answers }) => role === "notice" && answers.includes(question));
  if (notice === undefined) return undefined;
  return { message: question, reply: notice.id, posts: notice.posts ?? [], answers: notice.answers };
}

/** Whether memory still holds the question and its old answer, with no reset since. */
export function canReanswer({ messages, since }: ConversationMemory, { message, reply }: Reanswer): boolean {
  const isHere = messages.some(({ id, chapter }) => id === reply && chapter >= since);
  return isHere && messages.some(({ id }) => id === message);
}

/** Retracts a placeholder whose answer can't be given again. Empty if there is none. */
export function retractPlaceholder(
  { messages }: ConversationMemory,
  again: Reanswer,
  { inbound }: InboxEntry,
): readonly Retracted[] {
  const { message, reply, posts } = again;
  const answer = messages.find(({ id }) => id === reply);
  // If only the question remains, its answer was replaced or deleted.
  const isOver = answer === undefined ? messages.some(({ id }) => id === message) : !isPlaceholder(answer);
  if (isOver) return [];
  const { conversation, platform, place, dedupeId } = inbound;
  const base = { conversation, platform, place, dedupeId: `unanswered:${dedupeId}` };
  return [{ ...base, kind: "retracted", message: reply, posts }];
}

/**
 * Puts questions to answer again into the inbox. Must run before the turn finishes, so that a crash loses none. One
 * waiting question per reply is enough for all changes.
 */
export async function acceptReasked(
  { inbox, clock }: { readonly inbox: Inbox; readonly clock: Clock },
  { again, memory }: { readonly again: readonly Reasked[]; readonly memory: ConversationMemory },
  waiting: readonly InboxEntry[],
  signal: AbortSignal,
): Promise<void> {
  const known = new Set(
    waiting.flatMap(({ inbound }) =>
      inbound.kind === "reasked" && canReanswer(memory, inbound) ? [inbound.reply] : [],
    ),
  );
  for (const each of again) if (!known.has(each.reply)) await inbox.accept(each, clock.nowMs(), signal);
}

/** The question as an ordinary inbound. Its text is empty, because memory holds the message. */
export function saidFromReasked(again: Reasked, atMs: number): Said {
  const { conversation, platform, place, replyTo, dedupeId, message: id, author } = again;
  const message = { id, author, text: "", saidAtMs: atMs, attachments: [] };
  return { kind: "said", conversation, platform, place, replyTo, dedupeId, addressing: "reply", message };
}

/** Messages that the new answer covers. Those deleted since are left out. */
export function remainingQuestions(
  { messages }: ConversationMemory,
  { reply, answers }: Reanswer,
): readonly MessageId[] {
  return messages.find(({ id }) => id === reply)?.answers ?? answers;
}

/** Posts of the old answer, which the new one overwrites, and the files beside them. */
export function postsToOverwrite(
  running: Turn | undefined,
  again: Reanswer,
): Pick<Turn, "posts" | "sharedFiles"> {
  if (running !== undefined && running.posts.length > 0) return { posts: running.posts };
  const files = filesOnly(again.posts);
  return {
    posts: postsOnly(again.posts).map((id, part) => ({ part, intendedAtMs: 0, id })),
    ...(files.length === 0 ? {} : { sharedFiles: files }),
  };
}

/**
 * Memory without the old answer and everything after it, for the prompt of the new one. Its questions stay also if they are
 * later: a store that lost its last seconds remembers what it is told again in another order.
 */
export function memoryBefore(memory: ConversationMemory, reply: MessageId): ConversationMemory {
  const answer = memory.messages.find(({ id }) => id === reply);
  if (answer === undefined) return memory;
  return {
    ...memory,
    messages: memory.messages.filter(
      ({ id, ordinal }) => ordinal < answer.ordinal || answer.answers.includes(id),
    ),
  };
}

/** Stores the new answer in the old one's position, or at the end if it has new posts or the old one is gone. */
export function replaceAnswer(
  memory: ConversationMemory,
  old: MessageId,
  reply: ReplyToRemember,
  countTokens: CountTokens,
): ConversationMemory {
  const { revision } = memory;
  const known = memory.messages.find(({ id }) => id === old);
  if (known === undefined) return appendReply(memory, reply, countTokens);
  if (reply.id !== old) {
    const messages = memory.messages.filter(({ id }) => id !== old);
    const erasure: Erasure = { revision, kind: "message", message: old };
    const without = { ...memory, messages, erasures: [...memory.erasures, erasure] };
    const { questions } = known;
    return appendReply(without, { ...(questions === undefined ? {} : { questions }), ...reply }, countTokens);
  }
  const { sources: _, turnId: _turn, ...rest } = known;
  const { sources, ...given } = reply;
  const from = sources.length === 0 ? {} : { sources };
  const replaced = addTokenCount({ ...rest, attachments: [], ...given, ...from, revision }, countTokens);
  return {
    ...memory,
    messages: memory.messages.map((each) => (each === known ? replaced : each)),
  };
}
