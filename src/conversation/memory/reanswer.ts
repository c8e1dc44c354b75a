import type { Edited, InboxEntry, Reasked, Retracted, Said } from "../../domain/inbound.ts";
import type { MessageId } from "../../domain/message.ts";
import type { Erasure, ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import type { JournalledPost, Turn } from "../../domain/turn.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Inbox } from "../../ports/inbox.ts";
import { appendReply, type ReplyToRemember } from "./append.ts";
import { type CountTokens, addTokenCount } from "./remembered-message.ts";

/** In memory, until the edited question has its new answer. Its posts show the old one until the new one grows. */
export const placeholderText = "(I am answering this again.)";

/** What is to be answered once more, in the posts of its answer. */
export type Reanswer = Pick<Reasked, "message" | "reply" | "posts" | "answers">;

/**
 * Our answer to a message whose text is another now, where it can be given again: it stands in the window, people see it,
 * and the platform says where to write. Space alone makes no other text.
 */
export function findAnswerToRedo(
  memory: ConversationMemory,
  known: RememberedMessage,
  { text, replyTo, call }: Edited,
): RememberedMessage | undefined {
  // A new call is answered by itself.
  if (call !== undefined || replyTo === undefined || collapseSpaces(known.text) === collapseSpaces(text))
    return undefined;
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

function collapseSpaces(text: string): string {
  return text.replaceAll(/\s+/gu, " ").trim();
}

/** Whether an answer is to be given again. */
export function isPlaceholder({ role, text }: RememberedMessage): boolean {
  return role === "notice" && text === placeholderText;
}

/** An answer whose question has changed: it says nothing any more, and keeps its place and its posts. */
export function asPlaceholder(
  answer: RememberedMessage,
  { revision }: ConversationMemory,
): RememberedMessage {
  const { sources: _, ...rest } = answer;
  return { ...rest, role: "notice", text: placeholderText, tokens: 0, revision };
}

/** The question as the bot tells itself: behind everything that waits, once for each edit. */
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

/**
 * A question that was given up, and that the operator gave back to its conversation: it is answered where its apology
 * stands. Undefined for any other.
 */
export function reanswerGivenUp({ messages }: ConversationMemory, question: MessageId): Reanswer | undefined {
  const isGivenUp = messages.some(({ id, isGivenUp: given }) => id === question && given === true);
  if (!isGivenUp) return undefined;
  const notice = messages.findLast(({ role, answers }) => role === "notice" && answers.includes(question));
  if (notice === undefined) return undefined;
  return { message: question, reply: notice.id, posts: notice.posts ?? [], answers: notice.answers };
}

/** Whether memory still holds the question and the answer that it had, and no reset has come between. */
export function canReanswer({ messages, since }: ConversationMemory, { message, reply }: Reanswer): boolean {
  const isHere = messages.some(({ id, chapter }) => id === reply && chapter >= since);
  return isHere && messages.some(({ id }) => id === message);
}

/** What becomes of an answer that can't be given again: where it only says that it will be, it goes. */
export function retractPlaceholder(
  { messages }: ConversationMemory,
  again: Reanswer,
  { inbound }: InboxEntry,
): readonly Retracted[] {
  const { message, reply, posts } = again;
  const answer = messages.find(({ id }) => id === reply);
  // Where only the question is here, another answer has taken its place, or a person has deleted it.
  const isOver = answer === undefined ? messages.some(({ id }) => id === message) : !isPlaceholder(answer);
  if (isOver) return [];
  const { conversation, platform, place, dedupeId } = inbound;
  const base = { conversation, platform, place, dedupeId: `unanswered:${dedupeId}` };
  return [{ ...base, kind: "retracted", message: reply, posts }];
}

/** Before the change is done with, so that no crash comes between. One waiting answer is enough for all changes. */
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

/** As the core asks for an answer. What was said stands in memory. */
export function saidFromReasked(again: Reasked, atMs: number): Said {
  const { conversation, platform, place, replyTo, dedupeId, message: id, author } = again;
  const message = { id, author, text: "", saidAtMs: atMs, attachments: [] };
  return { kind: "said", conversation, platform, place, replyTo, dedupeId, addressing: "reply", message };
}

/** What the new answer answers: without what was deleted since it was asked for. */
export function remainingQuestions(
  { messages }: ConversationMemory,
  { reply, answers }: Reanswer,
): readonly MessageId[] {
  return messages.find(({ id }) => id === reply)?.answers ?? answers;
}

/** The posts of the old answer, for the new one to write over. */
export function postsToOverwrite(running: Turn | undefined, again: Reanswer): readonly JournalledPost[] {
  if (running !== undefined && running.posts.length > 0) return running.posts;
  return again.posts.map((id, part) => ({ part, intendedAtMs: 0, id }));
}

/** Memory as it was when the question was asked: what was said after its answer is no part of the new one. */
export function memoryBefore(memory: ConversationMemory, reply: MessageId): ConversationMemory {
  const answer = memory.messages.find(({ id }) => id === reply);
  if (answer === undefined) return memory;
  return {
    ...memory,
    messages: memory.messages.filter(({ ordinal }) => ordinal < answer.ordinal),
  };
}

/** Puts an answer in the place of the one that it replaces, or where there is none any more, at the end. */
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
  const { sources: _, ...rest } = known;
  const { sources, ...given } = reply;
  const from = sources.length === 0 ? {} : { sources };
  const replaced = addTokenCount({ ...rest, ...given, ...from, revision }, countTokens);
  return {
    ...memory,
    messages: memory.messages.map((each) => (each === known ? replaced : each)),
  };
}
