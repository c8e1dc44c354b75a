import type { ConversationMemory, Erasure, RememberedMessage } from "../../domain/conversation-memory.ts";
import { noRemovals, removeDerived, type ChangesInProgress, type AppliedChanges } from "./remove-derived.ts";
import type { Expired, AuthorErased, Lapsed, Retracted } from "../../domain/inbound.ts";
import { invalidateSummary, clearSummaryLines } from "./invalidate-summary.ts";
import { completeDelayedErasure, removeErasedSpeaker } from "./delayed-erasure.ts";
import { removeMessage } from "./remove-message.ts";
import { isSaidBy } from "../../domain/said-by.ts";

/** What people still see of it, and of replies to it, stays. */
export async function removeErasedMessage(
  changed: ChangesInProgress,
  { message }: Retracted,
): Promise<ChangesInProgress> {
  return {
    ...(await removeDerived(removeMessage(changed, message, [], true))),
    postsToRetract: changed.postsToRetract,
  };
}

/** What people still see of replies to the person stays where it is, as the person's own messages do. */
export async function eraseAuthor(
  changed: ChangesInProgress,
  forgot: AuthorErased,
): Promise<ChangesInProgress> {
  const { memory } = changed;
  const { forgetting, author } = forgot;
  const isTheirs = (message: RememberedMessage): boolean => isSaidBy(forgot, message);
  const theirs = memory.messages.filter(isTheirs);
  const { revision, nextOrdinal, erasing } = memory;
  const erasures: readonly Erasure[] = [
    ...memory.erasures,
    { revision, kind: "author", author, beforeOrdinal: nextOrdinal },
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
  // Named too: what was set aside unread goes even where memory holds nothing of theirs.
  const removedIds = [...changed.removedIds, forgetting, ...theirs.map(({ id }) => id)];
  const pending = { ...noRemovals, deleted: theirs };
  const next = await removeDerived({ ...changed, memory: without, removedIds, pending });
  return { ...next, postsToRetract: changed.postsToRetract };
}

/** The ledger drops what is old by itself. */
export function removeExpired(changed: AppliedChanges, { beforeMs }: Expired): AppliedChanges {
  const { memory } = changed;
  const old = memory.messages.filter(({ saidAtMs }) => saidAtMs < beforeMs);
  const messages = memory.messages.filter(({ saidAtMs }) => saidAtMs >= beforeMs);
  const { summary } = memory;
  const lines = summary?.lines.filter(({ cites }) => cites.every(({ saidAtMs }) => saidAtMs >= beforeMs));
  const isSummaryOld = lines !== undefined && lines.length < (summary?.lines.length ?? 0);
  // A fold that is under way has read what is old from the ledger: it must meet another base.
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

export function applyLapsed(changed: AppliedChanges, lapsed: Lapsed): AppliedChanges {
  const { messages } = changed.memory;
  const memory = completeDelayedErasure(changed.memory, lapsed);
  if (memory === undefined) return changed;
  const old = messages.filter(({ ordinal }) => ordinal < lapsed.beforeOrdinal);
  return { ...changed, memory, removedIds: [...changed.removedIds, ...old.map(({ id }) => id)] };
}
