import type { Reasked } from "../../domain/own-inbounds.ts";
import type { MessageId, PostId } from "../../domain/message.ts";
import type { Erasure, ConversationMemory } from "../../domain/conversation-memory.ts";
import { findDerivedReplies } from "./derived-text.ts";
import { invalidateSummary } from "./invalidate-summary.ts";
import { findAnswersToRedo, type PendingRemovals } from "./answers-to-redo.ts";

/** The memory after some changes, and their effects outside it. */
export interface AppliedChanges {
  readonly memory: ConversationMemory;
  /** Ids of removed messages and replies, for other stores that hold copies. */
  readonly removedIds: readonly MessageId[];
  /** Visible posts that were derived from removed messages. */
  readonly postsToRetract: readonly PostId[];
  /** Questions that are to be answered again. */
  readonly questionsToReask: readonly Reasked[];
  /** Those of them whose posts show removed text until then. */
  readonly answersToHide: readonly Reasked[];
}

/** Changes in progress: replies derived from the pending removals are not removed yet. */
export interface ChangesInProgress extends AppliedChanges {
  readonly pending: PendingRemovals;
}

/** Nothing pending. */
export const noRemovals: PendingRemovals = { deleted: [], reworded: [], deletions: [] };

/** Removes our replies that were derived from the pending removals, or has them answered again if a question still stands. */
export async function removeDerived(changed: ChangesInProgress): Promise<ChangesInProgress> {
  const { memory, pending } = changed;
  if (pending.deleted.length + pending.reworded.length === 0) return changed;
  const derivedReplies = await findDerivedReplies(pending, memory.messages);
  const asked = findAnswersToRedo(memory, pending.deletions, derivedReplies);
  if (derivedReplies.length + asked.length === 0) return { ...changed, pending: noRemovals };
  const derived = derivedReplies.filter((each) => !asked.some(({ answer }) => answer === each));
  const hide = asked.flatMap(({ answer, again }) => (derivedReplies.includes(answer) ? [again] : []));
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
