import type { MessageId, PostId } from "../../domain/message.ts";
import type { ConversationMemory, Erasure } from "../../domain/conversation-memory.ts";
import type { ChangesInProgress } from "./remove-derived.ts";
import { invalidateSummary } from "./invalidate-summary.ts";
import { quotedId } from "../../domain/quoted.ts";

export function removeMessage(
  changed: ChangesInProgress,
  id: MessageId,
  posts: readonly PostId[],
  isShown: boolean,
): ChangesInProgress {
  const { memory, pending } = changed;
  if (memory.nextOrdinal === 1) return { ...changed, removedIds: [...changed.removedIds, id] };
  const known = memory.messages.find((message) => message.id === id);
  const erasure: Erasure = { revision: memory.revision, kind: "message", message: id };
  const without = invalidateSummary(
    {
      ...memory,
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

/** From which ordinal on a message may be repeated. A quotation comes behind its original, where that is remembered too. */
export function firstOrdinalOf({ messages }: ConversationMemory, id: MessageId): number | "covered" {
  const known =
    messages.find((message) => message.id === id) ?? messages.find((each) => quotedId(each.id) === id);
  return known?.ordinal ?? "covered";
}

function isErasureOf(erasure: Erasure, id: MessageId): boolean {
  return erasure.kind === "message" && erasure.message === id;
}
