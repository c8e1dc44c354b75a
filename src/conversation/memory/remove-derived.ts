import type { Reasked } from "../../domain/inbound.ts";
import type { MessageId, PostId } from "../../domain/message.ts";
import type { Erasure, ConversationMemory } from "../../domain/conversation-memory.ts";
import { findDerivedReplies } from "./derived-text.ts";
import { invalidateSummary } from "./invalidate-summary.ts";
import { findAnswersToRedo, type PendingRemovals } from "./answers-to-redo.ts";

/** A memory in which something has gone or changed, and what that means elsewhere. */
export interface AppliedChanges {
  readonly memory: ConversationMemory;
  /** Messages of people and our replies that are gone. */
  readonly removedIds: readonly MessageId[];
  /** Our posts that people still see, and that rest on what is gone. */
  readonly postsToRetract: readonly PostId[];
  /** Questions that are to be answered again. */
  readonly questionsToReask: readonly Reasked[];
  /** Those whose posts show what is no more until then. */
  readonly answersToHide: readonly Reasked[];
}

/** A memory on the way: replies that rest on these messages are yet to be looked for. */
export interface ChangesInProgress extends AppliedChanges {
  readonly pending: PendingRemovals;
}

export const noRemovals: PendingRemovals = { deleted: [], reworded: [], deletions: [] };

/** Our replies to what is gone, or that repeat it, go with it: a reply quotes what it answers. */
export async function removeDerived(changed: ChangesInProgress): Promise<ChangesInProgress> {
  const { memory, pending } = changed;
  if (pending.deleted.length + pending.reworded.length === 0) return changed;
  const resting = await findDerivedReplies(pending, memory.messages);
  const asked = findAnswersToRedo(memory, pending.deletions, resting);
  if (resting.length + asked.length === 0) return { ...changed, pending: noRemovals };
  const derived = resting.filter((each) => !asked.some(({ answer }) => answer === each));
  const hide = asked.flatMap(({ answer, again }) => (resting.includes(answer) ? [again] : []));
  const ids = new Set(derived.map(({ id }) => id));
  const { revision } = memory;
  const removed: ConversationMemory = {
    ...memory,
    messages: memory.messages.flatMap((message) => {
      if (ids.has(message.id)) return [];
      return [asked.find(({ answer }) => answer === message)?.placeholder ?? message];
    }),
    erasures: [
      ...memory.erasures,
      ...derived.map(({ id }): Erasure => ({ revision, kind: "message", message: id })),
    ],
  };
  const changedAnswers = [...derived, ...asked.map(({ answer }) => answer)];
  const surplus = asked.flatMap(({ answer: { posts = [] } }) => posts.slice(1));
  return {
    memory: invalidateSummary(removed, Math.min(...changedAnswers.map(({ ordinal }) => ordinal))),
    removedIds: [...changed.removedIds, ...ids],
    postsToRetract: [...changed.postsToRetract, ...derived.flatMap(({ posts = [] }) => posts), ...surplus],
    questionsToReask: [...changed.questionsToReask, ...asked.map(({ again }) => again)],
    answersToHide: [...changed.answersToHide, ...hide],
    pending: noRemovals,
  };
}
