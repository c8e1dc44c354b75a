import { applyEditTo, type CountTokens } from "./remembered-message.ts";
import { editMessage, isUnchangedBy } from "../../domain/edit-message.ts";
import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import { isRememberedAppMessage } from "./app-messages.ts";
import { findAnswerToRedo, asPlaceholder, reaskAfterEdit } from "./reanswer.ts";
import { invalidateSummary } from "./invalidate-summary.ts";
import type { ChangesInProgress } from "./remove-derived.ts";
import { firstOrdinalOf } from "./remove-message.ts";
import type { Edited } from "../../domain/inbound.ts";

/**
 * Replaces a message's text, and its files where the platform tells them. Our answer to it becomes a placeholder if it can be given again. An edit of a message that
 * left memory is kept for the archive.
 */
export function applyEdit(
  changed: ChangesInProgress,
  edit: Edited,
  countTokens: CountTokens,
): ChangesInProgress {
  const { message: id } = edit;
  const { memory, pending } = changed;
  const known = memory.messages.find((message) => message.id === id);
  // Apps edit their posts to show progress: that retracts nothing, asks nothing and keeps the summary. Otherwise a post
  // that changes every second would make every summary useless.
  const isByApp = edit.isByApp === true || isRememberedAppMessage(memory, id);
  const stale = (next: ConversationMemory): ConversationMemory =>
    isByApp ? next : invalidateSummary(next, firstOrdinalOf(memory, id));
  if (known === undefined) {
    const earlier = memory.edits.find((each) => each.message === id);
    const late = { ...followEdit(earlier, edit), revision: memory.revision, message: id };
    // The conversation never held a message, so the archive holds none either.
    if (memory.nextOrdinal === 1) return changed;
    const edits = [...memory.edits.filter((each) => each.message !== id), late];
    return { ...changed, memory: stale({ ...memory, edits }) };
  }
  if (known.role !== "person" || isUnchangedBy(known, edit)) return changed;
  const answer = isByApp ? undefined : findAnswerToRedo(memory, known, edit);
  const messages = memory.messages.map((message) => {
    if (message === answer) return asPlaceholder(message, memory);
    return message.id === id ? applyEditTo(message, edit, memory, countTokens) : message;
  });
  const edited = stale({ ...memory, messages });
  const before = isByApp ? pending : { ...pending, reworded: [...pending.reworded, known] };
  const again = answer && reaskAfterEdit(edit, known, answer);
  const asked = again === undefined ? changed.questionsToReask : [...changed.questionsToReask, again];
  return { ...changed, memory: edited, pending: before, questionsToReask: asked };
}

/** A later edit of the text alone does not take back an earlier one of the files, and files keep the texts that were read. */
function followEdit(
  earlier: ConversationMemory["edits"][number] | undefined,
  { text, attachments }: Edited,
): Pick<ConversationMemory["edits"][number], "text" | "attachments"> {
  const edit = { text, ...(attachments === undefined ? {} : { attachments }) };
  if (earlier?.attachments === undefined) return edit;
  return editMessage({ text: earlier.text, attachments: earlier.attachments }, edit);
}
