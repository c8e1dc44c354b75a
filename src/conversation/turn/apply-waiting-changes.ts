import type { Edited, EntryId, InboxEntry, Said } from "../../domain/inbound.ts";
import { isSaidBy } from "../../domain/said-by.ts";
import { isForBot } from "./addressed.ts";

/** What waits, as it reads now. */
export interface AppliedChanges {
  readonly entries: readonly InboxEntry[];
  /** The entries that need no step of their own any more, each with the entry that it went into. */
  readonly absorbed: ReadonlyMap<EntryId, EntryId>;
}

/** Applies edits and deletions to the messages that they are about, where those still wait. */
export function applyWaitingChanges(waiting: readonly InboxEntry[]): AppliedChanges {
  const saidById = new Map<EntryId, Said>();
  const idByMessage = new Map<string, EntryId>();
  const absorbed = new Map<EntryId, EntryId>();
  const early = new Map<string, { readonly id: EntryId; readonly edit: Edited }>();
  for (const { id, inbound } of waiting) {
    if (inbound.kind === "said") {
      // What is delivered again, or read later, may come behind its own edit.
      const before = early.get(inbound.message.id);
      if (before !== undefined) absorbed.set(before.id, id);
      saidById.set(id, before === undefined ? inbound : applyEdit(inbound, before.edit));
      idByMessage.set(inbound.message.id, id);
    } else if (inbound.kind === "edited" || inbound.kind === "deleted") {
      const target = idByMessage.get(inbound.message);
      const said = target === undefined ? undefined : saidById.get(target);
      if (target === undefined || said === undefined) {
        if (inbound.kind === "edited") early.set(inbound.message, { id, edit: inbound });
        continue;
      }
      if (inbound.kind === "deleted") {
        // The deletion itself stays: what may have copied the text by now is told of it.
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

/** As it reads now. An edit can make a call of it, and no call that was made is undone by one. */
function applyEdit(said: Said, { text, call }: Edited): Said {
  const addressing = call !== undefined && !isForBot(said, Infinity) ? call.addressing : said.addressing;
  return { ...said, addressing, message: { ...said.message, text } };
}
