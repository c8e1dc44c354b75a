import type { Announced, Change, Deleted, Retracted } from "../../domain/inbound.ts";
import type { PostId } from "../../domain/message.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { canReanswer } from "./reanswer.ts";
import { isRememberedAppMessage } from "./app-messages.ts";
import { latestPerReply } from "./answers-to-redo.ts";
import { applySummary } from "./apply-summary.ts";
import { applyTitle } from "./apply-title.ts";
import { appendReply } from "./append.ts";
import { noRemovals, removeDerived, type AppliedChanges, type ChangesInProgress } from "./remove-derived.ts";
import { yielding } from "../../async/yielding.ts";
import type { CountTokens } from "./remembered-message.ts";
import { removeMessage } from "./remove-message.ts";
import { applyEdit } from "./apply-edit.ts";
import { removeErasedMessage, eraseAuthor, removeExpired, applyLapsed } from "./apply-erasures.ts";

/**
 * Applies edits, deletions, erasures and results of background work, in order, and removes what was derived from lost
 * text. Idempotent. Yields between changes. Derived replies are searched once per run of edits and deletions.
 */
export async function applyChanges(
  memory: ConversationMemory,
  changes: readonly Change[],
  countTokens: CountTokens,
): Promise<AppliedChanges> {
  const pause = yielding();
  let changing: ChangesInProgress = {
    memory,
    removedIds: [],
    postsToRetract: [],
    questionsToReask: [],
    answersToHide: [],
    pending: noRemovals,
  };
  for (const change of changes) {
    changing = await applyChange(changing, change, countTokens);
    await pause();
  }
  const { pending: _, ...changed } = await removeDerived(changing);
  const again = changed.questionsToReask.filter((each) => canReanswer(changed.memory, each));
  return { ...changed, questionsToReask: latestPerReply(again) };
}

async function applyChange(
  changing: ChangesInProgress,
  change: Change,
  countTokens: CountTokens,
): Promise<ChangesInProgress> {
  switch (change.kind) {
    case "edited":
      return applyEdit(changing, change, countTokens);
    case "deleted":
      return applyDeletion(changing, change);
    case "retracted":
      if (isPersonMessage(changing, change))
        return removeErasedMessage(await removeDerived(changing), change);
      return removeMessage(changing, change.message, postsOfRetracted(changing, change), false);
    case "forgot":
      return eraseAuthor(await removeDerived(changing), change);
    case "expired":
      return { ...removeExpired(await removeDerived(changing), change), pending: noRemovals };
    case "lapsed":
      return { ...applyLapsed(await removeDerived(changing), change), pending: noRemovals };
    case "filed":
      // The write that follows drops what the archive has.
      return changing;
    case "announced":
      return { ...changing, memory: appendAnnouncement(changing.memory, change, countTokens) };
    case "folded":
      return { ...changing, memory: applySummary(changing.memory, change) };
    case "titled":
      return { ...changing, memory: applyTitle(changing.memory, change) };
  }
}

function applyDeletion(changing: ChangesInProgress, change: Deleted): ChangesInProgress {
  const next = removeMessage(changing, change.message, [], true);
  // A post deleted by an app is removed with what was derived from it, but no question is asked again.
  if (isRememberedAppMessage(changing.memory, change.message)) return next;
  const deletions = [...next.pending.deletions, change];
  return { ...next, pending: { ...next.pending, deletions } };
}

/** Posts to remove from the platform. Memory's list is newer than the inbound's, if it still holds the reply. */
function postsOfRetracted(
  { memory }: AppliedChanges,
  { message, posts, staysShown }: Retracted,
): readonly PostId[] {
  if (staysShown === true) return [];
  return memory.messages.find(({ id }) => id === message)?.posts ?? posts;
}

function isPersonMessage({ memory }: AppliedChanges, { message }: Retracted): boolean {
  return memory.messages.some(({ id, role }) => id === message && role === "person");
}

/** Appends what a background command showed, as a notice that the model does not see. */
function appendAnnouncement(
  memory: ConversationMemory,
  { message: id, text, posts, sources, atMs: saidAtMs }: Announced,
  countTokens: CountTokens,
): ConversationMemory {
  const notice = { id, role: "notice", text, answers: [], saidAtMs, posts, sources } as const;
  return appendReply(memory, notice, countTokens);
}
