import type { Turn } from "../../../src/domain/turn.ts";
import type { Journal } from "../../../src/ports/journal.ts";

interface WritingJournal {
  readonly journal: Journal;
  /** As last saved. */
  readonly turn: () => Turn;
}

/** A journal in memory that can only do what writing a reply needs. No other process ever claims its conversation. */
export function writingJournal(begun: Turn): WritingJournal {
  let turn = begun;
  const unused = async (): Promise<never> => {
    throw new Error("Not part of writing");
  };
  const journal: Journal = {
    claim: unused,
    running: unused,
    mark: unused,
    finish: unused,
    quarantineMemory: unused,
    restore: unused,
    save: async (_lease, saved) => {
      turn = saved;
    },
    assertCurrent: async () => undefined,
  };
  return { journal, turn: () => turn };
}
