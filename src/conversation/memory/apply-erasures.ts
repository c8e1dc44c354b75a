import type { ConversationMemory, Erasure, RememberedMessage } from "../../domain/conversation-memory.ts";
import { noRemovals, removeDerived, type ChangesInProgress, type AppliedChanges } from "./remove-derived.ts";
import type { Expired, AuthorErased, Lapsed, Retracted } from "../../domain/own-inbounds.ts";
import { invalidateSummary, clearSummaryLines } from "./invalidate-summary.ts";
import { completeDelayedErasure, removeErasedSpeaker } from "./delayed-erasure.ts";
import { forgetInMute } from "./muting.ts";
import { removeMessage } from "./remove-message.ts";
import { isSaidBy } from "../../domain/said-by.ts";
import { keepFeedback } from "../records/drop-feedback.ts";

/** Removes a message of a person and replies derived from it from memory. Posts on the platform stay. */
export async function removeErasedMessage(
  changed: ChangesInProgress,
  { message }: Retracted,
): Promise<ChangesInProgress> {
  return {
    ...(await removeDerived(removeMessage(changed, message, [], true))),
    postsToRetract: changed.postsToRetract,
  };
}

/** Removes an author's messages and feedback, and replies derived from them, from memory. Posts on the platform stay. */
export async function eraseAuthor(
  changed: ChangesInProgress,
  forgot: AuthorErased,
): Promise<ChangesInProgress> {
  const { forgetting, author, beforeMs } = forgot;
  const known = forgetInMute(changed.memory, author);
  const memory = keepFeedback(known, (each) => each.author !== author || each.atMs >= beforeMs);
  const isTheirs = (message: RememberedMessage): boolean => isSaidBy(forgot, message);
  const theirs = memory.messages.filter(isTheirs);
  const { revision, nextOrdinal, erasing } = memory;
  const erasures: readonly Erasure[] = [
    ...memory.erasures,
    { revision, kind: "author", author, beforeOrdinal: nextOrdinal, beforeMs },
    ...theirs.map(({ id }): Erasure => ({ revision, kind: "message", message: id })),
  ];
  const without = invalidateSummary(
    {
      ...memory,
      messages: memory.messages.filter((message) => !isTheirs(message)),
      speakers: memory.speakers.filter((speaker) => speaker.id !== author),
      ...(erasing === undefined ? {} : { erasing: removeErasedSpeaker(erasing, author) }),
      erasures,
    },
    "covered",
  );
  // Includes the erasure request, so that quarantined records go even if memory holds nothing of this author.
  const removedIds = [...changed.removedIds, forgetting, ...theirs.map(({ id }) => id)];
  const pending = { ...noRemovals, deleted: theirs };
  const next = await removeDerived({ ...changed, memory: without, removedIds, pending });
  return { ...next, postsToRetract: changed.postsToRetract };
}

/** Removes messages older than the retention period. The archive expires its own copies. */
export function removeExpired(changed: AppliedChanges, { beforeMs }: Expired): AppliedChanges {
  const { memory } = changed;
  const old = memory.messages.filter(({ saidAtMs }) => saidAtMs < beforeMs);
  const messages = memory.messages.filter(({ saidAtMs }) => saidAtMs >= beforeMs);
  const { summary } = memory;
  const lines = summary?.lines.filter(({ cites }) => cites.every(({ saidAtMs }) => saidAtMs >= beforeMs));
  const isSummaryOld = lines !== undefined && lines.length < (summary?.lines.length ?? 0);
  // A summary in progress may have read expired messages from the archive; the new base rejects it.
  const { erasing } = memory;
  const speakers = memory.speakers.filter(({ lastAtMs }) => (lastAtMs ?? beforeMs) >= beforeMs);
  const without: ConversationMemory = {
    ...memory,
    base: memory.base + 1,
    messages,
    speakers,
    ...(erasing === undefined ? {} : { erasing: { ...erasing, closed: clearSummaryLines(erasing.closed) } }),
  };
  if (old.length === 0 && !isSummaryOld) return { ...changed, memory: without };
  const { closed: _, ...rest } = {
    ...without,
    ...(summary === undefined || lines === undefined ? {} : { summary: { ...summary, lines } }),
  };
  return { ...changed, memory: rest, removedIds: [...changed.removedIds, ...old.map(({ id }) => id)] };
}

/** Removes for good what a delayed erasure covers. No change if it was undone. */
export function applyLapsed(changed: AppliedChanges, lapsed: Lapsed): AppliedChanges {
  const { messages } = changed.memory;
  const memory = completeDelayedErasure(changed.memory, lapsed);
  if (memory === undefined) return changed;
  const old = messages.filter(({ ordinal }) => ordinal < lapsed.beforeOrdinal);
  return { ...changed, memory, removedIds: [...changed.removedIds, ...old.map(({ id }) => id)] };
}
