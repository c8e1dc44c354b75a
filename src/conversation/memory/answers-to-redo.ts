import type { Deleted, Reasked } from "../../domain/inbound.ts";
import type { MessageId } from "../../domain/message.ts";
import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import { asPlaceholder, isPlaceholder } from "./reanswer.ts";
import type { RemovedMessages } from "./derived-text.ts";

/** What is gone, with the deletions that say where an answer goes. */
export interface PendingRemovals extends RemovedMessages {
  readonly deletions: readonly Deleted[];
}

/** An answer that goes with one of its questions, while another one stands. */
export interface AnswerToRedo {
  readonly answer: RememberedMessage;
  /** What stands in its place until the new one. */
  readonly placeholder: RememberedMessage;
  readonly again: Reasked;
}

/**
 * Answers to several questions, of which some were deleted, that can't stay as they are: the last of the questions that
 * stand is to be answered again, once for all of them. Only where memory holds them in its window, and the platform says
 * where to write. What only the archive knows is taken back and not asked again: it would be answered long after, and
 * without what was said around it.
 */
export function findAnswersToRedo(
  memory: ConversationMemory,
  deletions: readonly Deleted[],
  resting: readonly RememberedMessage[],
): readonly AnswerToRedo[] {
  if (deletions.every(({ replyTo }) => replyTo === undefined)) return [];
  const { messages, since, windowFrom } = memory;
  const current = messages.filter(({ chapter, ordinal }) => chapter >= since && ordinal >= windowFrom);
  const people = new Map(current.filter(({ role }) => role === "person").map((each) => [each.id, each]));
  const gone = new Set(resting);
  return current.flatMap((answer) => {
    if (answer.role === "person" || !(gone.has(answer) || isPlaceholder(answer))) return [];
    const deletion = deletions.findLast((each) => answer.answers.includes(each.message));
    const question = (answer.questions ?? []).flatMap((id) => people.get(id) ?? []).at(-1);
    if (deletion === undefined || question === undefined) return [];
    const placeholder = removeDeletedQuestions(asPlaceholder(answer, memory), deletions);
    const again = reaskAfterDeletion(deletion, question, placeholder);
    return again === undefined ? [] : [{ answer, placeholder, again }];
  });
}

function removeDeletedQuestions(answer: RememberedMessage, deletions: readonly Deleted[]): RememberedMessage {
  const deleted = new Set<MessageId>(deletions.map(({ message }) => message));
  const { posts = [] } = answer;
  // The first post is written over; what does not fit into it now is not known yet.
  return {
    ...answer,
    answers: answer.answers.filter((id) => !deleted.has(id)),
    posts: posts.slice(0, 1),
  };
}

function reaskAfterDeletion(
  { conversation, platform, place, replyTo, dedupeId }: Deleted,
  { id, author }: RememberedMessage,
  { id: reply, posts = [], answers }: RememberedMessage,
): Reasked | undefined {
  if (replyTo === undefined || posts.length === 0) return undefined;
  const of = { message: id, author, reply, posts, answers };
  return {
    kind: "reasked",
    conversation,
    platform,
    place,
    replyTo,
    ...of,
    dedupeId: `again:${dedupeId}:${reply}`,
  };
}

/** An answer that several changes want again is given once, to the last of them. */
export function latestPerReply(again: readonly Reasked[]): readonly Reasked[] {
  return [...new Map(again.map((each) => [each.reply, each])).values()];
}
