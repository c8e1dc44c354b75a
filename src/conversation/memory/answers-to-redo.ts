import type { Deleted } from "../../domain/inbound.ts";
import type { Reasked } from "../../domain/own-inbounds.ts";
import type { MessageId } from "../../domain/message.ts";
import type { ConversationMemory, RememberedMessage } from "../../domain/conversation-memory.ts";
import { asPlaceholder, isPlaceholder } from "./reanswer.ts";
import type { RemovedMessages } from "./derived-text.ts";

/** Removed or edited messages whose derived replies are not removed yet. */
export interface PendingRemovals extends RemovedMessages {
  readonly deletions: readonly Deleted[];
}

/** An answer that lost one of its questions, while another one stands. */
export interface AnswerToRedo {
  readonly answer: RememberedMessage;
  /** Takes its position until the new answer exists. */
  readonly placeholder: RememberedMessage;
  readonly again: Reasked;
}

/**
 * Finds derived answers that covered several questions of which some still stand. The last standing question is answered
 * again, on behalf of all. Only answers in the window qualify, and only if the deletion says where to reply. Older answers
 * are retracted for good, since a new one would come long after and without its surroundings.
 */
export function findAnswersToRedo(
  memory: ConversationMemory,
  deletions: readonly Deleted[],
  derived: readonly RememberedMessage[],
): readonly AnswerToRedo[] {
  if (deletions.every(({ replyTo }) => replyTo === undefined)) return [];
  const { messages, since, windowFrom } = memory;
  const current = messages.filter(({ chapter, ordinal }) => chapter >= since && ordinal >= windowFrom);
  const people = new Map(current.filter(({ role }) => role === "person").map((each) => [each.id, each]));
  const gone = new Set(derived);
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
  // The first post is overwritten. Whether the new answer needs more is not known yet.
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

/** Keeps one request per reply, the last. */
export function latestPerReply(again: readonly Reasked[]): readonly Reasked[] {
  return [...new Map(again.map((each) => [each.reply, each])).values()];
}
