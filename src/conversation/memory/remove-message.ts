import type { MessageId, PostId } from "../../domain/message.ts";
import type { ConversationMemory, Erasure } from "../../domain/conversation-memory.ts";
import type { ChangesInProgress } from "./remove-derived.ts";
import { invalidateSummary } from "./invalidate-summary.ts";
import { quotedId } from "../../domain/quoted.ts";

/**
 * Removes a message and records its erasure for the archive. `posts`: to remove from the platform. `isShown`: replies
 * derived from it are to be found and removed too.
 */
export function removeMessage(
  changed: ChangesInProgress,
  id: MessageId,
  posts: readonly PostId[],
  isShown: boolean,
): ChangesInProgress {
  const { memory, pending } = changed;
  if (memory.nextOrdinal === 1) return { ...changed, removedIds: [...changed.removedIds, id] };
  const known = memory.messages.find((message) => message.id === id);
  const { descriptions = [], ...rest } = memory;
  const others = descriptions.filter(({ message }) => message !== id);
  const erasure: Erasure = { revision: memory.revision, kind: "message", message: id };
  const without = invalidateSummary(
    {
      ...rest,
      ...(others.length === 0 ? {} : { descriptions: others }),
      messages: memory.messages.filter((message) => message.id !== id),
      erasures: [...memory.erasures.filter((each) => !isErasureOf(each, id)), erasure],
      edits: memory.edits.filter(({ message }) => message !== id),
    },
    firstOrdinalOf(memory, id),
  );
  const next: ChangesInProgress = {
    ...changed,
    memory: without,
    removedIds: [...changed.removedIds, id],
    postsToRetract: [...changed.postsToRetract, ...posts],
  };
  if (known === undefined || !isShown) return next;
  return { ...next, pending: { ...pending, deleted: [...pending.deleted, known] } };
}

/** First ordinal at which the message, or its quoted copy, stands. "covered": not in memory, so the summary may cover it. */
export function firstOrdinalOf({ messages }: ConversationMemory, id: MessageId): number | "covered" {
  const known =
    messages.find((message) => message.id === id) ?? messages.find((each) => quotedId(each.id) === id);
  return known?.ordinal ?? "covered";
}

function isErasureOf(erasure: Erasure, id: MessageId): boolean {
  return erasure.kind === "message" && erasure.message === id;
}
