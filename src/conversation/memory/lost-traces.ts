import { eachTrace } from "./traces.ts";
import { TraceTable } from "./trace-table.ts";

/**
 * Distinctive words and four-word sequences of lost texts that no remaining text holds. First add all lost texts, then
 * remove all remaining ones. Time is linear in the texts; memory in the added ones (16 bytes per trace).
 */
export class LostTraces {
  readonly #table = new TraceTable();

  /** Adds a lost text. `since`: its ordinal; only later texts can repeat it. */
  add(text: string, since = 1): void {
    eachTrace(text, (one, two) => {
      this.#table.put(one, two, since);
      return false;
    });
  }

  /** Removes the traces that a remaining text holds too. */
  remove(text: string): void {
    eachTrace(text, (one, two) => {
      this.#table.drop(one, two);
      return false;
    });
  }

  /** Whether a text repeats a lost one that came before it. `ordinal`: the text's own. */
  isRepeatedIn(text: string, ordinal = Infinity): boolean {
    return eachTrace(text, (one, two) => this.#table.sinceOf(one, two) < ordinal);
  }
}
