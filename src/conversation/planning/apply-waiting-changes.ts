import type { Edited, EntryId, InboxEntry, Said } from "../../domain/inbound.ts";
import { editMessage } from "../../domain/edit-message.ts";
import { isSaidBy } from "../../domain/said-by.ts";
import { isCall } from "../addressing/addressing.ts";
import { isMessageChange } from "../../domain/message-change.ts";

/** Waiting entries after the edits and deletions among them. */
export interface AppliedChanges {
  readonly entries: readonly InboxEntry[];
  /** Entries that need no step of their own, each with the entry that absorbed it. A deleted message absorbs itself. */
  readonly absorbed: ReadonlyMap<EntryId, EntryId>;
}

/** Applies waiting edits and deletions to messages that still wait. */
export function applyWaitingChanges(waiting: readonly InboxEntry[]): AppliedChanges {
  const saidById = new Map<EntryId, Said>();
  const idByMessage = new Map<string, EntryId>();
  const absorbed = new Map<EntryId, EntryId>();
  const early = new Map<string, { readonly id: EntryId; readonly edit: Edited }>();
  for (const { id, inbound } of waiting) {
    if (inbound.kind === "said") {
      // A redelivered or missed message may arrive after its own edit.
      const before = early.get(inbound.message.id);
      if (before !== undefined) absorbed.set(before.id, id);
      saidById.set(id, before === undefined ? inbound : applyEdit(inbound, before.edit));
      idByMessage.set(inbound.message.id, id);
    } else if (isMessageChange(inbound)) {
      const target = idByMessage.get(inbound.message);
      const said = target === undefined ? undefined : saidById.get(target);
      if (target === undefined || said === undefined) {
        if (inbound.kind === "edited") early.set(inbound.message, { id, edit: inbound });
        continue;
      }
      if (inbound.kind === "deleted") {
        // The deletion stays: the text may have been copied elsewhere by now.
        saidById.delete(target);
        absorbed.set(target, target);
      } else {
        absorbed.set(id, target);
        saidById.set(target, applyEdit(said, inbound));
      }
    } else if (inbound.kind === "forgot") {
      for (const [target, said] of saidById) {
        if (!isSaidBy(inbound, said.message)) continue;
        saidById.delete(target);
        absorbed.set(target, target);
      }
    }
  }
  const entries = waiting.map((entry) => ({ ...entry, inbound: saidById.get(entry.id) ?? entry.inbound }));
  return { entries, absorbed };
}

/** An edit can address a message to the bot. It never takes that back. */
function applyEdit(said: Said, edit: Edited): Said {
  const { call } = edit;
  const addressing = call !== undefined && !isCall(said) ? call.addressing : said.addressing;
  return { ...said, addressing, message: editMessage(said.message, edit) };
}
