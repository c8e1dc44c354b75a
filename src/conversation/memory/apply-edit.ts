import { replaceText, type CountTokens } from "./remembered-message.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { isRememberedAppMessage } from "./app-messages.ts";
import { findAnswerToRedo, asPlaceholder, reaskAfterEdit } from "./reanswer.ts";
import { invalidateSummary } from "./invalidate-summary.ts";
import type { ChangesInProgress } from "./remove-derived.ts";
import { firstOrdinalOf } from "./remove-message.ts";
import type { Edited } from "../../domain/inbound.ts";

export function applyEdit(
  changed: ChangesInProgress,
  edit: Edited,
  countTokens: CountTokens,
): ChangesInProgress {
  const { message: id, text } = edit;
  const { memory, pending } = changed;
  const known = memory.messages.find((message) => message.id === id);
  // What an app shows changes as its work goes on: it takes nothing back, asks for nothing, and voids no summary. One
  // that changes every second would otherwise leave no conversation a summary, and each fold would be made in vain.
  const isByApp = edit.isByApp === true || isRememberedAppMessage(memory, id);
  const stale = (next: ConversationMemory): ConversationMemory =>
    isByApp ? next : invalidateSummary(next, firstOrdinalOf(memory, id));
  if (known === undefined) {
    const late = { revision: memory.revision, message: id, text };
    // What was never remembered has nothing to be changed in: the ledger will not find it either.
    if (memory.nextOrdinal === 1) return changed;
    const edits = [...memory.edits.filter((each) => each.message !== id), late];
    return { ...changed, memory: stale({ ...memory, edits }) };
  }
  if (known.role !== "person" || known.text === text) return changed;
  const answer = isByApp ? undefined : findAnswerToRedo(memory, known, edit);
  const messages = memory.messages.map((message) => {
    if (message === answer) return asPlaceholder(message, memory);
    return message.id === id ? replaceText(message, text, memory, countTokens) : message;
  });
  const edited = stale({ ...memory, messages });
  const before = isByApp ? pending : { ...pending, reworded: [...pending.reworded, known] };
  const again = answer && reaskAfterEdit(edit, known, answer);
  const asked = again === undefined ? changed.questionsToReask : [...changed.questionsToReask, again];
  return { ...changed, memory: edited, pending: before, questionsToReask: asked };
}
