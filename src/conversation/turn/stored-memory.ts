import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Journal } from "../../ports/journal.ts";

/** A journal that notes which memory the finish of a turn stores. */
export interface NotingJournal {
  readonly journal: Journal;
  /** Undefined while nothing is stored, and if the turn stores no memory. */
  readonly stored: () => ConversationMemory | undefined;
}

export function notingJournal(journal: Journal): NotingJournal {
  let stored: ConversationMemory | undefined;
  const finish: Journal["finish"] = async (lease, leaves, signal) => {
    const result = await journal.finish(lease, leaves, signal);
    stored = leaves.memory;
    return result;
  };
  return { journal: { ...journal, finish }, stored: () => stored };
}
