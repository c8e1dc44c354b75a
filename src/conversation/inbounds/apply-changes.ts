import type { Change } from "../../domain/inbound.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { yielding } from "../../async/yielding.ts";
import { latestPerReply } from "../memory/answers-to-redo.ts";
import { canReanswer } from "../memory/reanswer.ts";
import type { CountTokens } from "../memory/remembered-message.ts";
import {
  noRemovals,
  removeDerived,
  type AppliedChanges,
  type ChangesInProgress,
} from "../memory/remove-derived.ts";
import { memoryChangeOf } from "./registry.ts";

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
    changing = await memoryChangeOf(change).changeMemory(changing, change, countTokens);
    await pause();
  }
  const { pending: _, ...changed } = await removeDerived(changing);
  const again = changed.questionsToReask.filter((each) => canReanswer(changed.memory, each));
  return { ...changed, questionsToReask: latestPerReply(again) };
}
