import type { ConversationMemory } from "../../domain/conversation-memory.ts";
import type { Journal } from "../../ports/journal.ts";

/** A journal that notes what the last finish of a turn did. */
export interface NotingJournal {
  readonly journal: Journal;
  /** `more` while there was none: nothing says that no entry waits. */
  readonly outcome: () => "more" | "rest";
  /** Undefined while nothing is stored, and if the finish stored no memory. */
  readonly stored: () => ConversationMemory | undefined;
}

export function notingJournal(journal: Journal): NotingJournal {
  let outcome: "more" | "rest" = "more";
  let stored: ConversationMemory | undefined;
  const finish: Journal["finish"] = async (lease, leaves, signal) => {
    outcome = await journal.finish(lease, leaves, signal);
    stored = leaves.memory;
    return outcome;
  };
  return { journal: { ...journal, finish }, outcome: () => outcome, stored: () => stored };
}
